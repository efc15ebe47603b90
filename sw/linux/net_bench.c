/* SPDX-License-Identifier: Apache-2.0 */
/* Receives and sends data by TCP as fast as it goes. What is timed is between two lines of output,
 * for the host to see when they come: the clocks of the guest may be simulated.
 *
 * net_bench: takes a connection at port 7 and reads it to its end, then one at port 8 and writes to
 * it, as often as ROUNDS says. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MIB        (1UL << 20)
#define SENT       (64 * MIB)
#define CALL_BYTES MIB /* of one system call */
#define ROUNDS     3

static char data[CALL_BYTES];

static void fail(const char *what)
{
    printf("net-bench: %s: %s\n", what, strerror(errno));
    exit(1);
}

static int listen_at(unsigned short port)
{
    const struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    if (fd < 0 || bind(fd, (const struct sockaddr *)&address, sizeof(address)) != 0 ||
        listen(fd, 1) != 0)
        fail("listening");
    return fd;
}

static int take(int listener)
{
    int fd = accept(listener, NULL, NULL);

    if (fd < 0)
        fail("accepting");
    return fd;
}

static void receive(int fd)
{
    unsigned long total = 0;
    ssize_t size;

    printf("net-bench: receive begins\n");
    while ((size = read(fd, data, sizeof(data))) > 0)
        total += (unsigned long)size;
    if (size < 0)
        fail("receiving");
    printf("net-bench: receive ends %lu\n", total / MIB);
}

static void send_all(int fd)
{
    unsigned long total = 0;

    printf("net-bench: send begins\n");
    while (total < SENT) {
        ssize_t size = write(fd, data, sizeof(data));
        if (size < 0)
            fail("sending");
        total += (unsigned long)size;
    }
    /* All of it is there when the other end closes. */
    shutdown(fd, SHUT_WR);
    while (read(fd, data, sizeof(data)) > 0)
        ;
    printf("net-bench: send ends %lu\n", total / MIB);
}

int main(void)
{
    int in = listen_at(7);
    int out = listen_at(8);

    setvbuf(stdout, NULL, _IOLBF, 0);
    for (int round = 0; round < ROUNDS; round++) {
        printf("net-bench: waiting at port 7, round %d\n", round);
        int fd = take(in);
        receive(fd);
        close(fd);
        printf("net-bench: waiting at port 8, round %d\n", round);
        fd = take(out);
        send_all(fd);
        close(fd);
    }
    return 0;
}

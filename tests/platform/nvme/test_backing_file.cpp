// SPDX-License-Identifier: Apache-2.0
// A file of the host as a medium: opening, making, locking, holes, and the host's errors.
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "disk/disk_file.h"

namespace test_backing_file {
namespace {

using file = std::unique_ptr<disk_file, void (*)(disk_file *)>;

class backing_file : public ::testing::Test {
  protected:
    backing_file()
    {
        std::string pattern = testing::TempDir() + "disk-XXXXXX";
        const int fd = mkstemp(pattern.data());
        close(fd);
        path = pattern;
    }
    ~backing_file() override
    {
        std::remove(path.c_str());
        std::remove(unfinished().c_str());
    }

    // What it is called before it has its size.
    std::string unfinished() const { return path + ".smmu-vp-new"; }

    // A process that is killed when it gives a file its size.
    void make_and_die() const
    {
        const pid_t child = fork();
        if (child == 0) {
            const rlimit limit = {4096, 4096};
            setrlimit(RLIMIT_FSIZE, &limit);
            std::signal(SIGXFSZ, SIG_DFL);
            char err[120];
            disk_file_open(path.c_str(), 512, 1 << 20, false, err, sizeof err);
            _exit(0);
        }
        int status = 0;
        EXPECT_EQ(waitpid(child, &status, 0), child);
        EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGXFSZ) << status;
    }

    void resize(off_t size) const { ASSERT_EQ(truncate(path.c_str(), size), 0); }

    bool on_tmpfs() const
    {
        struct statfs info = {};
        return statfs(path.c_str(), &info) == 0 && info.f_type == TMPFS_MAGIC;
    }

    file open(std::uint64_t size = 0, std::uint32_t block = 512)
    {
        char err[120] = "";
        file opened(disk_file_open(path.c_str(), block, size, read_only, err, sizeof err),
                    disk_file_close);
        reason = err;
        return opened;
    }

    // Reads, and copies what the file shows where it is.
    static disk_status read(const disk_medium &medium, std::uint64_t offset, std::uint8_t *data,
                            std::uint32_t size)
    {
        void *place = data;
        const disk_status status = medium.read(medium.user, offset, &place, size);
        if (status == DISK_OK && place != data)
            std::copy_n(static_cast<const std::uint8_t *>(place), size, data);
        return status;
    }

    std::string path;
    std::string reason;
    bool read_only = false;
};

TEST_F(backing_file, HasTheSizeOfTheFile)
{
    resize(4096);
    EXPECT_EQ(disk_file_size(open().get()), 4096u);
    EXPECT_EQ(disk_file_size(open(4096, 4096).get()), 4096u);
}

TEST_F(backing_file, MustBeWholeBlocks)
{
    EXPECT_EQ(open(), nullptr);
    EXPECT_EQ(reason, "its size, 0 bytes, is no multiple of 512, or 0");
    resize(4608);
    EXPECT_EQ(open(0, 4096), nullptr);
    EXPECT_EQ(reason, "its size, 4608 bytes, is no multiple of 4096, or 0");
}

TEST_F(backing_file, MustBeARegularFile)
{
    std::remove(path.c_str());
    path = "/dev/null";
    EXPECT_EQ(open(), nullptr);
    EXPECT_EQ(reason, "is no regular file");
    path = "";
    EXPECT_EQ(open(), nullptr);
    EXPECT_EQ(reason, "No such file or directory");
    path = testing::TempDir();
    EXPECT_EQ(open(), nullptr);
    EXPECT_EQ(reason, "Is a directory");
    path = "";
}

TEST_F(backing_file, IsMadeOfHolesIfASizeIsGiven)
{
    std::remove(path.c_str());
    EXPECT_EQ(open(), nullptr);
    EXPECT_EQ(reason, "No such file or directory");
    const file made = open(1 << 20);
    ASSERT_NE(made, nullptr) << reason;
    struct stat info = {};
    stat(path.c_str(), &info);
    EXPECT_EQ(info.st_size, 1 << 20);
    EXPECT_EQ(info.st_blocks, 0);
}

TEST_F(backing_file, IsThereWithItsSizeOrNotAtAll)
{
    std::remove(path.c_str());
    make_and_die();
    EXPECT_NE(access(path.c_str(), F_OK), 0) << "what is there has no size yet";
    const file made = open(1 << 20);
    ASSERT_NE(made, nullptr) << reason;
    EXPECT_EQ(disk_file_size(made.get()), 1U << 20);
    EXPECT_NE(access(unfinished().c_str(), F_OK), 0) << "nothing else is left behind";
}

TEST_F(backing_file, IsMadeByOneAtATime)
{
    std::remove(path.c_str());
    const int other = ::open(unfinished().c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    ASSERT_EQ(flock(other, LOCK_EX), 0);
    EXPECT_EQ(open(4096), nullptr);
    EXPECT_EQ(reason, "is in use by another controller");
    EXPECT_EQ(access(unfinished().c_str(), F_OK), 0) << "it is the other's";
    close(other);
    EXPECT_NE(open(4096), nullptr) << reason;
}

TEST_F(backing_file, IsNotMadeInPlaceOfALinkThatLeadsNowhere)
{
    std::remove(path.c_str());
    ASSERT_EQ(symlink("/nowhere/disk", path.c_str()), 0);
    EXPECT_EQ(open(4096), nullptr);
    EXPECT_EQ(reason, "No such file or directory");
    struct stat info = {};
    EXPECT_EQ(lstat(path.c_str(), &info), 0);
    EXPECT_TRUE(S_ISLNK(info.st_mode));
    EXPECT_NE(access(unfinished().c_str(), F_OK), 0);
}

TEST_F(backing_file, IsNotMadeOfAnImpossibleSize)
{
    std::remove(path.c_str());
    EXPECT_EQ(open(1000), nullptr);
    EXPECT_EQ(reason, "cannot be made with 1000 bytes: no multiple of 512, or too many");
    EXPECT_EQ(open(std::uint64_t{1} << 63), nullptr);
    rlimit before{};
    getrlimit(RLIMIT_FSIZE, &before);
    const rlimit limit = {4096, before.rlim_max}; // file systems have limits of their own, or none
    const auto handler = std::signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &limit);
    EXPECT_EQ(open(8192), nullptr);
    setrlimit(RLIMIT_FSIZE, &before);
    std::signal(SIGXFSZ, handler);
    EXPECT_EQ(reason, "File too large");
    EXPECT_NE(access(path.c_str(), F_OK), 0) << "nothing is left behind";
    EXPECT_NE(access(unfinished().c_str(), F_OK), 0);
}

TEST_F(backing_file, ThatIsThereKeepsItsSize)
{
    resize(4096);
    EXPECT_EQ(open(8192), nullptr);
    EXPECT_EQ(reason, "is there already, with 4096 bytes instead of 8192");
}

TEST_F(backing_file, HasOneUserAtATime)
{
    resize(4096);
    file first = open();
    EXPECT_EQ(open(), nullptr);
    EXPECT_EQ(reason, "is in use by another controller");
    first.reset();
    EXPECT_NE(open(), nullptr);
}

TEST_F(backing_file, MustBeWritable)
{
    constexpr uid_t nobody = 65534;
    const uid_t user = geteuid();
    resize(4096);
    ASSERT_EQ(chmod(path.c_str(), 0444), 0);
    // Root may write any file.
    ASSERT_EQ(seteuid(user == 0 ? nobody : user), 0);
    const file refused = open();
    ASSERT_EQ(seteuid(user), 0);
    EXPECT_EQ(refused, nullptr);
    EXPECT_EQ(reason, "Permission denied");
}

TEST_F(backing_file, KeepsWhatIsWritten)
{
    resize(4096);
    std::vector<std::uint8_t> data(1024, 0x5a);
    {
        const file f = open();
        const disk_medium medium = disk_file_medium(f.get());
        EXPECT_EQ(medium.write(medium.user, 512, data.data(), 1024), DISK_OK);
        EXPECT_EQ(medium.flush(medium.user), DISK_OK);
    }
    const file f = open();
    const disk_medium medium = disk_file_medium(f.get());
    data.assign(4096, 0xff);
    EXPECT_EQ(read(medium, 0, data.data(), 4096), DISK_OK);
    std::vector<std::uint8_t> expected(4096);
    std::fill_n(expected.begin() + 512, 1024, std::uint8_t{0x5a});
    EXPECT_EQ(data, expected);
}

TEST_F(backing_file, ZerosWithAndWithoutHoles)
{
    constexpr std::uint32_t size = 1 << 20;
    resize(size);
    const file f = open();
    const disk_medium medium = disk_file_medium(f.get());
    const std::vector<std::uint8_t> ones(size, 0xff);
    for (const bool deallocate : {false, true}) {
        ASSERT_EQ(medium.write(medium.user, 0, ones.data(), size), DISK_OK);
        EXPECT_EQ(medium.zero(medium.user, 65536, size - 65536 - 512, deallocate), DISK_OK);
        std::vector<std::uint8_t> data(size);
        ASSERT_EQ(read(medium, 0, data.data(), size), DISK_OK);
        std::vector<std::uint8_t> expected = ones;
        std::fill(expected.begin() + 65536, expected.end() - 512, std::uint8_t{0});
        EXPECT_EQ(data, expected) << deallocate;
    }
    EXPECT_EQ(disk_file_size(f.get()), size);
}

TEST_F(backing_file, DeallocationMakesHoles)
{
    constexpr std::uint32_t size = 1 << 20;
    resize(size);
    const int fd = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
    const int holes = fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, size);
    close(fd);
    if (holes != 0)
        GTEST_SKIP() << "the file system has none";
    const file f = open();
    const disk_medium medium = disk_file_medium(f.get());
    const std::vector<std::uint8_t> ones(size, 0xff);
    ASSERT_EQ(medium.write(medium.user, 0, ones.data(), size), DISK_OK);
    ASSERT_EQ(medium.flush(medium.user), DISK_OK);
    struct stat info = {};
    stat(path.c_str(), &info);
    const auto before = info.st_blocks;
    EXPECT_EQ(medium.zero(medium.user, 0, size / 2, false), DISK_OK);
    ASSERT_EQ(medium.flush(medium.user), DISK_OK);
    stat(path.c_str(), &info);
    EXPECT_EQ(info.st_blocks, before);
    EXPECT_EQ(medium.zero(medium.user, 0, size / 2, true), DISK_OK);
    stat(path.c_str(), &info);
    EXPECT_LT(info.st_blocks, before);
}

TEST_F(backing_file, ThatBecameShortFailsToRead)
{
    resize(4096);
    const file f = open();
    const disk_medium medium = disk_file_medium(f.get());
    std::uint8_t data[1024];
    resize(1024);
    EXPECT_EQ(read(medium, 0, data, 1024), DISK_OK);
    EXPECT_EQ(read(medium, 512, data, 1024), DISK_FAILED);
    EXPECT_EQ(read(medium, 2048, data, 512), DISK_FAILED);
    resize(8192);
    EXPECT_EQ(read(medium, 2048, data, 512), DISK_OK) << "it has them again";
    EXPECT_EQ(data[0], 0);
}

TEST_F(backing_file, ShowsItsDataWhereTheyAre)
{
    constexpr std::uint32_t size = 65536;
    resize(size);
    if (on_tmpfs())
        GTEST_SKIP() << "it is copied";
    const file f = open();
    const disk_medium medium = disk_file_medium(f.get());
    std::vector<std::uint8_t> room(8192, 0xff);
    void *place = room.data();
    ASSERT_EQ(medium.read(medium.user, 4608, &place, 8192), DISK_OK);
    ASSERT_NE(place, room.data());
    const auto *const shown = static_cast<const std::uint8_t *>(place);
    EXPECT_EQ(std::count(shown, shown + 8192, 0), 8192);
    EXPECT_EQ(std::count(room.begin(), room.end(), 0xff), 8192) << "nothing was copied";
    ASSERT_EQ(medium.write(medium.user, 4608 + 512, room.data(), 512), DISK_OK);
    EXPECT_EQ(std::count(shown + 512, shown + 1024, 0xff), 512) << "what is written later";
    ASSERT_EQ(medium.zero(medium.user, 4608 + 512, 512, false), DISK_OK);
    EXPECT_EQ(std::count(shown, shown + 8192, 0), 8192);
}

// Of memory, on tmpfs.
TEST_F(backing_file, HasItsHolesWhenTheyHaveBeenRead)
{
    constexpr std::uint32_t size = 1 << 20;
    std::remove(path.c_str());
    path = "/dev/shm/disk-" + std::to_string(getpid());
    const file f = open(size);
    if (f == nullptr)
        GTEST_SKIP() << reason;
    const disk_medium medium = disk_file_medium(f.get());
    std::vector<std::uint8_t> data(size, 0xff);
    EXPECT_EQ(read(medium, 0, data.data(), size), DISK_OK);
    EXPECT_EQ(std::count(data.begin(), data.end(), 0), size);
    struct stat info = {};
    stat(path.c_str(), &info);
    EXPECT_EQ(info.st_blocks, 0);
}

// The limit on addresses stands for a host that maps no files.
TEST_F(backing_file, ThatCannotBeMappedIsCopied)
{
    constexpr std::uint64_t size = std::uint64_t{1} << 40;
    if (truncate(path.c_str(), size) != 0)
        GTEST_SKIP() << "the file system has no files of that size";
    struct rlimit before = {};
    getrlimit(RLIMIT_AS, &before);
    const rlimit limit = {size, before.rlim_max};
    setrlimit(RLIMIT_AS, &limit);
    const file f = open();
    setrlimit(RLIMIT_AS, &before);
    ASSERT_NE(f, nullptr) << reason;
    const disk_medium medium = disk_file_medium(f.get());
    std::vector<std::uint8_t> data(512, 0x5a);
    ASSERT_EQ(medium.write(medium.user, size - 512, data.data(), 512), DISK_OK);
    std::vector<std::uint8_t> room(1024, 0xff);
    void *place = room.data();
    ASSERT_EQ(medium.read(medium.user, size - 1024, &place, 1024), DISK_OK);
    EXPECT_EQ(place, room.data());
    EXPECT_EQ(std::count(room.begin() + 512, room.end(), 0x5a), 512);
}

// The limit on the size of files stands for a host that has no room.
TEST_F(backing_file, IsFullWhenTheHostIs)
{
    constexpr std::uint32_t size = 65536;
    resize(size);
    const file f = open();
    const disk_medium medium = disk_file_medium(f.get());
    const std::vector<std::uint8_t> ones(size, 0xff);
    struct rlimit before = {};
    getrlimit(RLIMIT_FSIZE, &before);
    const rlimit limit = {4096, before.rlim_max};
    const auto handler = std::signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &limit);
    const auto past = medium.write(medium.user, 8192, ones.data(), 512);
    const auto across = medium.write(medium.user, 0, ones.data(), 8192);
    const auto zeros = medium.zero(medium.user, 8192, 512, false);
    const auto below = medium.write(medium.user, 0, ones.data(), 4096);
    setrlimit(RLIMIT_FSIZE, &before);
    std::signal(SIGXFSZ, handler);
    EXPECT_EQ(past, DISK_FULL);
    EXPECT_EQ(across, DISK_FULL);
    EXPECT_EQ(zeros, DISK_FULL);
    EXPECT_EQ(below, DISK_OK);
}

TEST_F(backing_file, ThatIsOnlyReadIsShared)
{
    resize(4096);
    read_only = true;
    const file first = open();
    const file second = open();
    ASSERT_NE(first, nullptr);
    ASSERT_NE(second, nullptr);
    std::uint8_t block[512] = {1};
    const disk_medium medium = disk_file_medium(first.get());
    EXPECT_EQ(medium.write(medium.user, 0, block, sizeof block), DISK_FAILED);
    EXPECT_EQ(read(medium, 0, block, sizeof block), DISK_OK);
    EXPECT_EQ(block[0], 0);
    read_only = false;
    EXPECT_EQ(open(), nullptr);
    EXPECT_EQ(reason, "is in use by another controller");
}

TEST_F(backing_file, ThatIsOnlyReadIsNotMade)
{
    std::remove(path.c_str());
    read_only = true;
    EXPECT_EQ(open(4096), nullptr);
    EXPECT_EQ(reason, "No such file or directory");
}

} // namespace
} // namespace test_backing_file

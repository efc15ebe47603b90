// SPDX-License-Identifier: Apache-2.0
// Files that have the contents of flash.
#include <sys/stat.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "cfi_flash/flash_file.h"

namespace test_flash_file {
namespace {

using bytes = std::vector<std::uint8_t>;

struct flash_files : testing::Test {
    using handle = std::unique_ptr<flash_file, void (*)(flash_file *)>;

    ~flash_files() override { std::filesystem::remove_all(directory); }

    std::string make(const bytes &contents) const
    {
        std::ofstream(path, std::ios::binary)
            .write(reinterpret_cast<const char *>(contents.data()),
                   static_cast<std::streamsize>(contents.size()));
        return path;
    }

    bytes contents() const
    {
        std::ifstream file(path, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }

    handle open(const std::string &name, bool writable = true, std::uint64_t room = 16)
    {
        err[0] = 0;
        return {flash_file_open(name.c_str(), writable, room, err, sizeof err), flash_file_close};
    }

    std::string directory = [] {
        std::string pattern = testing::TempDir() + "flash-XXXXXX";
        return std::string(mkdtemp(pattern.data()));
    }();
    std::string path = directory + "/file";
    char err[120];
};

TEST_F(flash_files, AreReadAsTheyAre)
{
    const auto file = open(make({1, 2, 3}));
    bytes memory(16, 0xff);
    ASSERT_TRUE(file) << err;
    EXPECT_TRUE(flash_file_load(file.get(), memory.data(), err, sizeof err));
    EXPECT_EQ(memory, (bytes{1, 2, 3, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                             0xff, 0xff, 0xff}));
}

TEST_F(flash_files, HaveWhatWasStoredAtOnce)
{
    const auto file = open(make({1, 2, 3, 4}));
    const bytes memory = {9, 8, 7, 6};
    ASSERT_TRUE(file) << err;
    EXPECT_TRUE(flash_file_store(file.get(), memory.data(), 1, 2));
    EXPECT_EQ(contents(), (bytes{1, 8, 7, 4}));
}

TEST_F(flash_files, GrowByWhatIsBeforeAStore)
{
    const auto file = open(make({1, 2}));
    const bytes memory = {1, 2, 0xff, 0xff, 5, 6, 0xff};
    ASSERT_TRUE(file) << err;
    EXPECT_TRUE(flash_file_store(file.get(), memory.data(), 4, 2));
    EXPECT_EQ(contents(), (bytes{1, 2, 0xff, 0xff, 5, 6}));
    const bytes later = {0, 0, 0, 0, 0, 0, 7};
    EXPECT_TRUE(flash_file_store(file.get(), later.data(), 6, 1));
    EXPECT_EQ(contents(), (bytes{1, 2, 0xff, 0xff, 5, 6, 7}));
}

TEST_F(flash_files, MayBeAsLargeAsTheBank)
{
    EXPECT_TRUE(open(make(bytes(16)))) << err;
    EXPECT_FALSE(open(make(bytes(17))));
    EXPECT_STREQ(err, "has 17 bytes, more than the 16 of the flash bank");
}

TEST_F(flash_files, AreRegularAndNotEmpty)
{
    EXPECT_FALSE(open(directory + "/nowhere"));
    EXPECT_STREQ(err, "No such file or directory");
    EXPECT_FALSE(open(directory, false));
    EXPECT_STREQ(err, "is no regular file");
    EXPECT_FALSE(open("/dev/null"));
    EXPECT_STREQ(err, "is no regular file");
    EXPECT_FALSE(open(make({})));
    EXPECT_STREQ(err, "is empty");
    mkfifo((directory + "/pipe").c_str(), 0600);
    EXPECT_FALSE(open(directory + "/pipe", false)) << "does not wait for who writes it";
    EXPECT_STREQ(err, "is no regular file");
}

TEST_F(flash_files, ThatAreWrittenHaveOneUser)
{
    const auto first = open(make({1}));
    EXPECT_FALSE(open(path));
    EXPECT_STREQ(err, "is in use by another flash bank");
    EXPECT_TRUE(open(path, false)) << "who only reads does no harm";
}

} // namespace
} // namespace test_flash_file

// SPDX-License-Identifier: Apache-2.0
// Register accesses for tests: values on success, a failed expectation otherwise.
#ifndef TESTS_FRAME_ACCESS_HPP
#define TESTS_FRAME_ACCESS_HPP

#include <cstdint>
#include <string>

#include <gtest/gtest.h>

#include "vp/device.h"

class frame_access {
  public:
    frame_access(const vp_frame &frame, void *dev) : frame_(frame), dev_(dev) {}

    std::uint64_t read(std::uint64_t offset, unsigned size = 4) const
    {
        std::uint64_t value = 0;
        EXPECT_EQ(frame_.read(dev_, offset, size, &value), VP_OK) << place(offset);
        return value;
    }

    void write(std::uint64_t offset, std::uint64_t value, unsigned size = 4) const
    {
        EXPECT_EQ(frame_.write(dev_, offset, size, value), VP_OK) << place(offset);
    }

    vp_status read_status(std::uint64_t offset, unsigned size) const
    {
        std::uint64_t value = 0;
        return frame_.read(dev_, offset, size, &value);
    }

    vp_status write_status(std::uint64_t offset, unsigned size) const
    {
        return frame_.write(dev_, offset, size, 0);
    }

  private:
    std::string place(std::uint64_t offset) const
    {
        const char *name = frame_.name ? frame_.name(offset) : nullptr;
        return "offset " + std::to_string(offset) + ", " + (name ? name : "reserved");
    }

    const vp_frame &frame_;
    void *dev_;
};

#endif

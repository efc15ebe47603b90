// SPDX-License-Identifier: Apache-2.0
// Control characters are those below the space, DEL, and U+0080 to U+009F, which is 0xc2 and one
// byte.
#include "message.hpp"

#include <cstdio>

namespace vp {

namespace {

constexpr unsigned char del = 0x7f;
constexpr unsigned char lead = 0xc2; // of U+0080 to U+00BF in UTF-8
constexpr unsigned char last_control = 0x9f;

std::string escaped(unsigned char byte)
{
    char text[8];
    if (byte == '\n')
        return "\\n";
    std::snprintf(text, sizeof text, "\\x%02x", byte);
    return text;
}

} // namespace

std::string visible(const std::string &text)
{
    std::string line;
    for (std::size_t i = 0; i < text.size(); i++) {
        const auto byte = static_cast<unsigned char>(text[i]);
        const auto after = static_cast<unsigned char>(i + 1 < text.size() ? text[i + 1] : 0);
        if (byte < ' ' || byte == del) {
            line += escaped(byte);
        } else if (byte == lead && after > del && after <= last_control) {
            line += escaped(byte) + escaped(after);
            i++;
        } else {
            line += text[i];
        }
    }
    return line;
}

void say(const std::string &text)
{
    std::fprintf(stderr, "smmu-vp: %s\n", visible(text).c_str());
}

} // namespace vp

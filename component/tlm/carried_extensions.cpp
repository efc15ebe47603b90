// SPDX-License-Identifier: Apache-2.0
// Which extensions a payload carries: see carried_extensions.hpp.
#include "carried_extensions.hpp"

namespace smmu {

class carried_extensions::mark : public tlm::tlm_extension_base {
  public:
    mark(unsigned type, std::vector<unsigned> &found) : id(type), found_(found) {}

    void copy_from(const tlm_extension_base &) override { found_.push_back(id); }
    tlm_extension_base *clone() const override { return nullptr; } // belongs to one payload
    void free() override {}                                        // carried_extensions does

    const unsigned id;

  private:
    std::vector<unsigned> &found_;
};

carried_extensions::carried_extensions(unsigned ignored)
{
    for (unsigned id = 0, end = tlm::max_num_extensions(); id != end; id++) {
        if (id == ignored)
            continue;
        marks_.push_back(std::make_unique<mark>(id, found_));
        set_extension(id, marks_.back().get());
    }
}

carried_extensions::~carried_extensions()
{
    for (const std::unique_ptr<mark> &own : marks_)
        set_extension(own->id, nullptr); // the base would free what it still holds
}

} // namespace smmu

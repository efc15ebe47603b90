// SPDX-License-Identifier: Apache-2.0
// Values that are others for as long as a call takes.
#ifndef SMMU_TLM_RESTORED_HPP
#define SMMU_TLM_RESTORED_HPP

#include <utility>

namespace smmu {

// `place` is `value` until this goes, by an exception too.
template <typename T> class restored {
  public:
    restored(T &place, T value) : place_(place), before_(std::exchange(place, value)) {}
    ~restored() { place_ = before_; }
    restored(const restored &) = delete;
    restored &operator=(const restored &) = delete;

  private:
    T &place_;
    const T before_;
};

// `place` is one more until this goes, likewise.
class counted {
  public:
    explicit counted(unsigned &place) : place_(place) { place_++; }
    ~counted() { place_--; }
    counted(const counted &) = delete;
    counted &operator=(const counted &) = delete;

  private:
    unsigned &place_;
};

// `place` is null when this goes, likewise.
template <typename T> class cleared {
  public:
    explicit cleared(T *&place) : place_(place) {}
    ~cleared() { place_ = nullptr; }
    cleared(const cleared &) = delete;
    cleared &operator=(const cleared &) = delete;

  private:
    T *&place_;
};

} // namespace smmu

#endif

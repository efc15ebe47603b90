// SPDX-License-Identifier: Apache-2.0
// The signals of an APB bus as ports of a module, or as the wires between modules (IHI 0024).
#ifndef SMMU_PINS_APB_BUNDLE_HPP
#define SMMU_PINS_APB_BUNDLE_HPP

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include <systemc>

#include "smmu/pins/axi_bundle.hpp"

namespace smmu::pins {

// APB4: 8, 16 or 32 bits of data, up to 32 bits of address.
template <unsigned DATA = 32, unsigned ADDRESS = 32> struct apb4 {
    static_assert(DATA == 8 || DATA == 16 || DATA == 32, "8, 16 or 32 bits of data");
    static_assert(ADDRESS >= 1 && ADDRESS <= 32, "1 to 32 bits of address");
    static constexpr unsigned data_width = DATA;       // PWDATA and PRDATA
    static constexpr unsigned address_width = ADDRESS; // PADDR
    static constexpr bool realms = false;              // PNSE (RME_Support)
    static constexpr bool wakeup = false;              // PWAKEUP (Wakeup_Signal)
};

// APB5: the Realm and Root address spaces as well, and a signal that wakes the completer up.
template <unsigned DATA = 32, unsigned ADDRESS = 32> struct apb5 : apb4<DATA, ADDRESS> {
    static constexpr bool realms = true; // PNSE
    static constexpr bool wakeup = true; // PWAKEUP
};

// What a requester drives.
struct apb_request {
    bool psel = false;        // PSEL
    bool penable = false;     // PENABLE
    bool pwrite = false;      // PWRITE
    std::uint32_t paddr = 0;  // PADDR
    std::uint32_t pwdata = 0; // PWDATA
    std::uint32_t pstrb = 0;  // PSTRB
    std::uint32_t pprot = 0;  // PPROT
    bool pnse = false;        // PNSE
    bool pwakeup = false;     // PWAKEUP
};

// What a completer answers; X and Z are taken for 0.
struct apb_response {
    bool pready = false;      // PREADY
    bool pslverr = false;     // PSLVERR
    std::uint32_t prdata = 0; // PRDATA
};

// The signals.
enum class apb_signal {
    PADDR,   // address
    PPROT,   // protection
    PSEL,    // selects the completer
    PENABLE, // second and later cycles of a transfer
    PWRITE,  // a write
    PWDATA,  // data of writes
    PSTRB,   // bytes that are written
    PREADY,  // the transfer ends
    PRDATA,  // data of reads
    PSLVERR, // the transfer has failed
    PNSE,    // with PPROT, the physical address space
    PWAKEUP, // there is, or will be, a transfer
};
// How many there are.
constexpr std::size_t apb_signals = 12;

// What is on all of them.
struct apb_sample {
    // A signal.
    struct word {
        std::uint32_t bits = 0;    // its value
        std::uint32_t unknown = 0; // bits that are X or Z, which are 0 in `bits`

        // Whether it is the same, X and Z included.
        bool operator==(const word &other) const
        {
            return bits == other.bits && unknown == other.unknown;
        }
    };
    std::array<word, apb_signals> words = {}; // by apb_signal

    // One of them.
    word &operator[](apb_signal signal) { return words[static_cast<std::size_t>(signal)]; }
    // Likewise.
    const word &operator[](apb_signal signal) const
    {
        return words[static_cast<std::size_t>(signal)];
    }
};

// The pins of who looks on, whatever their types.
class apb_watched_pins {
  public:
    virtual ~apb_watched_pins() = default;
    // What is on the pins.
    virtual apb_sample sample() const = 0;
};

// The pins of a requester, whatever their types.
class apb_pins {
  public:
    virtual ~apb_pins() = default;
    // Put `request` on the pins.
    virtual void drive(const apb_request &request) = 0;
    // What the pins answer.
    virtual apb_response sample() const = 0;
};

// The pins of a completer, whatever their types.
class apb_answering_pins {
  public:
    virtual ~apb_answering_pins() = default;
    // What the pins ask for; X and Z are taken for 0.
    virtual apb_request sample() const = 0;
    // Put `response` on the pins.
    virtual void drive(const apb_response &response) = 0;
};

// The bundle of `SIDE` for a bus of configuration C with pins of STYLE (pin_style.hpp). Members
// have the names of the specification; those that the configuration has not are absent_pin.
template <class C, class STYLE, axi_side SIDE> class apb_bundle {
    const std::string prefix_;

    template <unsigned WIDTH, axi_side TRANSMITTER>
    using member = pin<STYLE, WIDTH, way_of(SIDE, TRANSMITTER)>;
    template <unsigned WIDTH> using requested = member<WIDTH, axi_side::manager>;
    template <unsigned WIDTH> using answered = member<WIDTH, axi_side::subordinate>;

  public:
    // Names of ports begin with `prefix`, for modules with several bundles.
    explicit apb_bundle(const std::string &prefix = "") : prefix_(prefix) {}

    requested<C::address_width> PADDR{(prefix_ + "PADDR").c_str()}; // address
    requested<3> PPROT{(prefix_ + "PPROT").c_str()};                // protection
    requested<1> PSEL{(prefix_ + "PSEL").c_str()};                  // selects the completer
    requested<1> PENABLE{(prefix_ + "PENABLE").c_str()}; // second and later cycles of a transfer
    requested<1> PWRITE{(prefix_ + "PWRITE").c_str()};   // a write
    requested<C::data_width> PWDATA{(prefix_ + "PWDATA").c_str()};       // data of writes
    requested<C::data_width / 8> PSTRB{(prefix_ + "PSTRB").c_str()};     // bytes that are written
    answered<1> PREADY{(prefix_ + "PREADY").c_str()};                    // the transfer ends
    answered<C::data_width> PRDATA{(prefix_ + "PRDATA").c_str()};        // data of reads
    answered<1> PSLVERR{(prefix_ + "PSLVERR").c_str()};                  // the transfer has failed
    requested<C::realms ? 1 : 0> PNSE{(prefix_ + "PNSE").c_str()};       // the space, with PPROT
    requested<C::wakeup ? 1 : 0> PWAKEUP{(prefix_ + "PWAKEUP").c_str()}; // wakes it up

    // Bind every port to the member of that name of `other`: wires, ports of a module around this
    // one, or a model whose ports have these names.
    template <class Other> void bind(Other &other)
    {
        PADDR.bind(other.PADDR);
        PPROT.bind(other.PPROT);
        PSEL.bind(other.PSEL);
        PENABLE.bind(other.PENABLE);
        PWRITE.bind(other.PWRITE);
        PWDATA.bind(other.PWDATA);
        PSTRB.bind(other.PSTRB);
        PREADY.bind(other.PREADY);
        PRDATA.bind(other.PRDATA);
        PSLVERR.bind(other.PSLVERR);
        if constexpr (C::realms)
            PNSE.bind(other.PNSE);
        if constexpr (C::wakeup)
            PWAKEUP.bind(other.PWAKEUP);
    }
};

// The wires of a bus.
template <class C, class STYLE = two_state> using apb_wires = apb_bundle<C, STYLE, axi_side::wires>;
// The word on a pin of up to 32 bits; X and Z are taken for 0.
template <class T> std::uint32_t apb_word_of(const sc_core::sc_in<T> &in)
{
    std::uint64_t bits = 0;
    std::uint64_t unknown = 0;
    load_pin(in.read(), &bits, &unknown);
    return static_cast<std::uint32_t>(bits);
}

// Likewise; there is none.
inline std::uint32_t apb_word_of(const absent_pin &)
{
    return 0;
}

// Put a word on a pin.
template <class T> void put_apb_word(sc_core::sc_out<T> &out, std::uint32_t word)
{
    const std::uint64_t bits = word;
    const std::uint64_t unknown = 0;
    T value;
    store_pin(&bits, &unknown, value);
    out.write(value);
}

// Likewise; there is none.
inline void put_apb_word(absent_pin &, std::uint32_t) {}

// Ports of a module that answers requests.
template <class C, class STYLE = two_state>
class apb_completer_pins : public apb_bundle<C, STYLE, axi_side::subordinate>,
                           public apb_answering_pins {
  public:
    using apb_bundle<C, STYLE, axi_side::subordinate>::apb_bundle;

    apb_request sample() const override
    {
        return {apb_word_of(this->PSEL) != 0,   apb_word_of(this->PENABLE) != 0,
                apb_word_of(this->PWRITE) != 0, apb_word_of(this->PADDR),
                apb_word_of(this->PWDATA),      apb_word_of(this->PSTRB),
                apb_word_of(this->PPROT),       apb_word_of(this->PNSE) != 0,
                apb_word_of(this->PWAKEUP) != 0};
    }

    void drive(const apb_response &response) override
    {
        put_apb_word(this->PREADY, response.pready);
        put_apb_word(this->PSLVERR, response.pslverr);
        put_apb_word(this->PRDATA, response.prdata);
    }
};

// Ports of a module that sends them.
template <class C, class STYLE = two_state>
class apb_requester_pins : public apb_bundle<C, STYLE, axi_side::manager>, public apb_pins {
  public:
    using apb_bundle<C, STYLE, axi_side::manager>::apb_bundle;

    void drive(const apb_request &request) override
    {
        put_apb_word(this->PADDR, request.paddr);
        put_apb_word(this->PPROT, request.pprot);
        put_apb_word(this->PSEL, request.psel);
        put_apb_word(this->PENABLE, request.penable);
        put_apb_word(this->PWRITE, request.pwrite);
        put_apb_word(this->PWDATA, request.pwdata);
        put_apb_word(this->PSTRB, request.pstrb);
        put_apb_word(this->PNSE, request.pnse);
        put_apb_word(this->PWAKEUP, request.pwakeup);
    }

    apb_response sample() const override
    {
        return {apb_word_of(this->PREADY) != 0, apb_word_of(this->PSLVERR) != 0,
                apb_word_of(this->PRDATA)};
    }
};

// Inputs of a module that looks on.
template <class C, class STYLE = two_state>
class apb_monitor_pins : public apb_bundle<C, STYLE, axi_side::monitor>, public apb_watched_pins {
  public:
    using apb_bundle<C, STYLE, axi_side::monitor>::apb_bundle;

    apb_sample sample() const override
    {
        apb_sample now;
        load(this->PADDR, now[apb_signal::PADDR]);
        load(this->PPROT, now[apb_signal::PPROT]);
        load(this->PSEL, now[apb_signal::PSEL]);
        load(this->PENABLE, now[apb_signal::PENABLE]);
        load(this->PWRITE, now[apb_signal::PWRITE]);
        load(this->PWDATA, now[apb_signal::PWDATA]);
        load(this->PSTRB, now[apb_signal::PSTRB]);
        load(this->PREADY, now[apb_signal::PREADY]);
        load(this->PRDATA, now[apb_signal::PRDATA]);
        load(this->PSLVERR, now[apb_signal::PSLVERR]);
        load(this->PNSE, now[apb_signal::PNSE]);
        load(this->PWAKEUP, now[apb_signal::PWAKEUP]);
        return now;
    }

  private:
    static void load(const absent_pin &, apb_sample::word &) {}
    template <class T> static void load(const sc_core::sc_in<T> &in, apb_sample::word &to)
    {
        std::uint64_t bits = 0;
        std::uint64_t unknown = 0;
        load_pin(in.read(), &bits, &unknown);
        to = {static_cast<std::uint32_t>(bits), static_cast<std::uint32_t>(unknown)};
    }
};

} // namespace smmu::pins

#endif

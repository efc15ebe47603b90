// SPDX-License-Identifier: Apache-2.0
// An endpoint as its author writes it: BARs and resets come in, DMA and interrupts go out.
#ifndef VP_PCIE_FUNCTION_HPP
#define VP_PCIE_FUNCTION_HPP

#include <cstdint>
#include <deque>
#include <memory>
#include <set>
#include <vector>

#include <systemc>
#include <tlm>

#include "pcie/pcie_function.h"
#include "pcie/pcie_link.h"
#include "pcie_requests.hpp"
#include "pcie_upstream.hpp"
#include "smmu/tlm/pace.hpp"
#include "translation_client.hpp"
#include "vp/device.hpp"

namespace vp {

// How a function sends its memory requests.
struct request_options {
    bool phases = false;      // by nb_transport; else each access is one blocking transaction
    unsigned outstanding = 1; // with it, 1 to pcie_requests::max_outstanding
    // The largest request, a power of two from PCIE_MIN_BURST to PCIE_MAX_BURST; 0: as large as
    // Device Control allows by nb_transport, else a whole access.
    unsigned burst_bytes = 0;
    pcie_link_config link = {}; // above it: its registers say so, and it has a limit of tags
};

// Base of all endpoints. Configuration space with everything the description asks for is dealt
// with here and in the kernel behind it.
class pcie_function : public sc_core::sc_module {
  public:
    // Throws std::invalid_argument for a description that makes no sense, or a translation cache:
    // functions with ATS have one.
    pcie_function(const sc_core::sc_module_name &name, const pcie_fn_desc &desc,
                  const translation_options &translations = {},
                  const request_options &requests = {});
    ~pcie_function() override;

    // The function as the bus sees it.
    pcie_fn *bus_side() { return fn_.get(); }

    // Its translations; nullptr without ATS.
    translation_client *translations() { return translations_.get(); }
    const translation_client *translations() const { return translations_.get(); }

    // Before simulation starts; `upstream` must outlive the function.
    void connect(pcie_upstream &upstream);

    // Its requests, if they go by nb_transport: the socket is to be bound. Else nullptr.
    pcie_requests *requests() { return requests_.get(); }

    // Counters for the summary at the end of a run.
    virtual std::vector<device::counter> counters() const { return {}; }

    // Paths of files of the host that it has open.
    virtual std::vector<std::string> files() const { return {}; }

  protected:
    // --- what an endpoint answers ---

    // 1, 2, 4 or 8 bytes, aligned, within the BAR. Must not block. Anything but VP_OK is an
    // Unsupported Request: all ones for the reader.
    virtual vp_status bar_read(unsigned bar, std::uint64_t offset, unsigned size,
                               std::uint64_t &value) = 0;
    virtual vp_status bar_write(unsigned bar, std::uint64_t offset, unsigned size,
                                std::uint64_t value) = 0;

    // Function-level reset, or a reset of the bus. Must not block.
    virtual void function_reset() = 0;

    // Software wrote to configuration space, and it has taken effect.
    virtual void config_written(std::uint16_t /*offset*/, unsigned /*size*/) {}

    // Software reads configuration space; `value` is what is there, and may be replaced.
    virtual void config_read(std::uint16_t /*offset*/, unsigned /*size*/, std::uint32_t & /*value*/)
    {
    }

    // Endpoints start their processes here, not in constructors: the place a tree gives a function
    // may turn out to be none. They call the one of the base.
    void start_of_simulation() override;

    // --- what an endpoint may do ---

    // Memory requests of the function, from a SystemC process; they return when their time is over.
    // Aborted, and not sent: without Bus Master Enable, or with a PASID that is not enabled. Writes
    // are posted: what becomes of one that is sent is not known.
    //
    // Accesses that are `relaxed` may be under way together. A write returns when it is sent then,
    // and reads may be begun, with more than one in a group. All others begin when the writes
    // before them have reached memory. Without nb_transport each access is over before the next.
    //
    // With ATS switched on they have translated addresses, pages at a time, unless
    // `untranslated` is asked for. Then they may wait for software to bring a page in, and end with
    // PCIE_ACCESS_STOPPED if `demand` says so.
    struct dma_way {
        std::uint32_t pasid = VP_NO_SSID;
        bool untranslated = false;
        page_demand demand = {};
        bool relaxed = false; // Relaxed Ordering, if Device Control lets it have that
    };
    pcie_access_end dma_read(std::uint64_t addr, void *data, std::uint32_t size,
                             const dma_way &way);
    pcie_access_end dma_write(std::uint64_t addr, const void *data, std::uint32_t size,
                              const dma_way &way);

    // Reads that are under way together.
    class read_group {
      public:
        read_group() : state_(std::make_shared<state>()) {}

      private:
        friend class pcie_function;
        struct state {
            unsigned under_way = 0;
            pcie_access_end end = PCIE_ACCESS_DONE;
            sc_core::sc_event answered;
        };
        std::shared_ptr<state> state_; // outlives a process that is gone before the answer
    };

    // Begin a read of `group`; `data` stays there until the group ends. One that could not be begun
    // does not belong to it.
    pcie_access_end begin_read(read_group &group, std::uint64_t addr, void *data,
                               std::uint32_t size, const dma_way &way);

    // Wait for all reads of the group. Returns whether one of them was aborted.
    static pcie_access_end end_reads(const read_group &group);

    // Requests that wait for a page look whether they are wanted.
    void reconsider();

    // Wait until no request with `pasid` is under way; the endpoint sends none meanwhile. Then, if
    // pages were asked for with it, sends a Stop Marker and returns true. From a SystemC process.
    bool stop_pasid(std::uint32_t pasid);

    // Raise interrupt `vector` by MSI-X or MSI, whichever is enabled; drive the interrupt pin.
    // Never block, and may be called from anywhere.
    void raise(unsigned vector) { pcie_fn_raise(fn_.get(), vector); }
    void set_intx(bool level) { pcie_fn_set_intx(fn_.get(), level); }

  private:
    struct message {
        std::uint64_t addr;
        std::uint32_t data;
    };
    struct deleter {
        void operator()(pcie_fn *fn) const { pcie_fn_destroy(fn); }
    };

    struct access {
        tlm::tlm_command command;
        std::uint64_t addr;
        unsigned char *data;
        std::uint32_t size;

        // Takes the first request off: no more than `most` bytes, which end at a multiple of that.
        access take(unsigned most);
    };

    // A request, from its beginning to its end; it counts if it has a PASID.
    class pasid_use {
      public:
        pasid_use(pcie_function &function, std::uint32_t pasid);
        ~pasid_use();
        pasid_use(const pasid_use &) = delete;
        pasid_use &operator=(const pasid_use &) = delete;

      private:
        pcie_function &function_;
        std::uint32_t pasid_;
    };

    // How the requests of an access go: by phases, those of a group are not waited for.
    struct manner {
        std::uint32_t pasid;
        bool translated;
        bool relaxed;
        read_group *group;
    };
    using hold = std::shared_ptr<void>; // what has to be there until a request is answered

    bool may_send(std::uint32_t pasid) const;
    pcie_access_end access_memory(const access &wanted, const dma_way &way, read_group *group);
    pcie_access_end access_translated(access wanted, dma_way way, read_group *group);
    pcie_access_end send(const access &wanted, const manner &how, const hold &in_use);
    pcie_access_end send_blocking(access rest, const manner &how);
    void send_phases(const access &wanted, const manner &how, read_group &group,
                     const hold &in_use);
    pcie_access_end request_blocking(const access &wanted, const manner &how);
    unsigned largest_request(tlm::tlm_command command) const;
    unsigned tags() const;
    void queue_message(const message &raised);
    void send_messages();
    pcie_fn *create(pcie_fn_desc desc, const pcie_link_config &link);

    std::unique_ptr<pcie_fn, deleter> fn_;
    std::unique_ptr<translation_client> translations_;
    unsigned tags_;
    unsigned burst_bytes_; // 0: no limit
    pcie_upstream *upstream_ = nullptr;
    std::deque<message> messages_;
    sc_core::sc_event message_raised_;
    smmu::pace pace_;                     // of messages
    std::multiset<std::uint32_t> pasids_; // of the requests under way
    sc_core::sc_event pasid_left_;
    std::unique_ptr<pcie_requests> requests_; // with uses of PASIDs and translations in them
};

// Makes the endpoint of a node; `kind` tells whether it is behind a port. Throws vp::dt_error for
// properties that make no sense.
using pcie_function_factory = std::unique_ptr<pcie_function> (*)(const dt_node &node,
                                                                 const char *name, pcie_kind kind);

// One row of the table of endpoints: which `compatible` is served by which factory.
struct pcie_function_model {
    const char *compatible;
    pcie_function_factory make;
};

} // namespace vp

#endif

// SPDX-License-Identifier: Apache-2.0
// The tasks, the operations they block in, and the rules of IHI 0070 6.3.9 and 6.3.16 for accesses.
#include "core/reentry_host.hpp"

#include <algorithm>
#include <cstring>
#include <numeric>
#include <utility>

#include "support/register_access.hpp"

using namespace support;

namespace {

constexpr unsigned slots = 2; // of each kind

} // namespace

struct reentry_host::task {
    std::unique_ptr<fiber> stack;
    uint64_t serial;
    bool client;
    wait waits_for = wait::nothing;
    uint64_t drains_before = 0;      // clients with a smaller serial must have ended
    std::optional<smmu_fetch> fetch; // of the access it waits in
    uint8_t unit = 0;                // whose slot it waits for
    bool fail = false;
    bool kill = false;
};

reentry_host::reentry_host(const smmu_config &cfg) : device_under_test(cfg, true, adapt)
{
    mem.keep_log(false);
}

reentry_host::~reentry_host() = default;

reentry_host &reentry_host::self(void *user)
{
    return *static_cast<reentry_host *>(static_cast<device_under_test *>(user));
}

void reentry_host::adapt(smmu_ops &ops)
{
    ops.read = [](void *user, const smmu_mem_req *req, void *data) {
        return self(user).read(*req, data);
    };
    ops.write = [](void *user, const smmu_mem_req *req, const void *data) {
        if (req->fetch == SMMU_FETCH_EVTQ)
            self(user).check_record(data);
        return self(user).access(*req, [=] { self(user).mem.write(*req, data); });
    };
    ops.cas = [](void *user, const smmu_mem_req *req, const void *expected, const void *value,
                 void *old) {
        return self(user).access(*req, [=] { self(user).mem.cas(*req, expected, value, old); });
    };
    ops.resume = [](void *user, smmu_stall *stall, smmu_resume action) {
        self(user).on_resume(stall, action);
    };
    ops.lock = [](void *user) { self(user).lock(); };
    ops.unlock = [](void *user) {
        check(std::exchange(self(user).locked_, false), "unlocked twice");
    };
    ops.drain = [](void *user) { self(user).drain(); };
    ops.atc_sync = [](void *user, uint32_t) {
        self(user).atc_syncs++;
        return self(user).block(wait::access);
    };
    ops.atc_inv = [](void *user, const smmu_atc_inv *) {
        check(self(user).enabled(reg::CR0_SMMUEN), "CMD_ATC_INV with SMMUEN == 0");
    };
    ops.use = [](void *user, const smmu_use *unit) { self(user).use(*unit); };
    ops.release = [](void *user, const smmu_use *unit) { self(user).release(*unit); };
    ops.units = (1u << SMMU_UNIT_COUNT) - 1;
    ops.defer = [](void *user) { self(user).rung_ = true; };
    ops.irq = nullptr;
    ops.sev = nullptr;
    ops.inval = nullptr;
}

uint32_t reentry_host::reg(uint32_t offset) const
{
    return static_cast<uint32_t>(
        read_register(const_cast<reentry_host *>(this)->smmu(), offset, 4));
}

bool reentry_host::enabled(uint32_t cr0_bits) const
{
    return (reg(reg::CR0ACK) & cr0_bits) == cr0_bits;
}

// --- tasks ---------------------------------------------------------------------------------------

void reentry_host::spawn(std::function<void()> body, bool client)
{
    auto t = std::make_unique<task>();
    t->serial = serial_++;
    t->client = client;
    t->stack = std::make_unique<fiber>([body = std::move(body)] {
        try {
            body();
        } catch (const killed &) {
        }
    });
    tasks_.push_back(std::move(t));
}

namespace {

// Counts a call as long as it lasts, whichever way it ends.
class work_mark {
  public:
    explicit work_mark(unsigned &workers) : workers_(workers) {}
    ~work_mark() { workers_--; }
    work_mark(const work_mark &) = delete;
    work_mark &operator=(const work_mark &) = delete;

  private:
    unsigned &workers_;
};

} // namespace

void reentry_host::start_work(unsigned most)
{
    if (!rung_ || workers_ >= most)
        return;
    rung_ = false;
    workers_++;
    spawn(
        [this] {
            const work_mark mark(workers_);
            smmu_run(smmu());
        },
        false);
}

bool reentry_host::can_go_on(const task &t) const
{
    if (t.waits_for == wait::lock)
        return !locked_;
    if (t.waits_for == wait::slot)
        return slots_taken_[t.unit] < slots;
    if (t.waits_for != wait::drain)
        return true;
    for (const auto &other : tasks_)
        if (other->client && other->serial < t.drains_before)
            return false;
    return true;
}

bool reentry_host::step(uint64_t n, bool fail, bool kill)
{
    std::vector<size_t> ready;
    for (size_t i = 0; i < tasks_.size(); ++i)
        if (can_go_on(*tasks_[i]))
            ready.push_back(i);
    if (ready.empty())
        return false;
    const size_t at = ready[n % ready.size()];
    running_ = tasks_[at].get();
    running_->fail = fail;
    running_->kill = kill && running_->waits_for != wait::nothing;
    running_->stack->resume();
    running_ = nullptr;
    if (tasks_[at]->stack->done())
        tasks_.erase(tasks_.begin() + static_cast<std::ptrdiff_t>(at));
    return true;
}

void reentry_host::reset()
{
    ++resets_;
    smmu_reset(smmu());
}

bool reentry_host::waits_in(smmu_fetch fetch) const
{
    return std::any_of(tasks_.begin(), tasks_.end(),
                       [=](const auto &t) { return t->fetch == fetch; });
}

bool reentry_host::waits_for_drain() const
{
    return std::any_of(tasks_.begin(), tasks_.end(),
                       [](const auto &t) { return t->waits_for == wait::drain; });
}

unsigned reentry_host::waiting_for_turn() const
{
    return static_cast<unsigned>(std::count_if(
        tasks_.begin(), tasks_.end(), [](const auto &t) { return t->waits_for == wait::lock; }));
}

// --- registers -----------------------------------------------------------------------------------

void reentry_host::write(uint32_t offset, uint64_t value, unsigned size)
{
    require(smmu_reg_write(smmu(), offset, size, value));
}

void reentry_host::program(uint32_t cr0)
{
    write(reg::CR1, 0xd75);
    write(reg::CR2, reg::CR2_RECINVSID | reg::CR2_REC_CFG_ATS);
    write(reg::STRTAB_BASE, strtab_base, 8);
    write(reg::STRTAB_BASE_CFG, 8);
    write(reg::CMDQ_BASE, cmdq_base | cmdq_log2, 8);
    write(reg::EVENTQ_BASE, evtq_base | evtq_log2, 8);
    write(reg::PRIQ_BASE, priq_base | priq_log2, 8);
    write(reg::GERROR_IRQ_CFG0, gerror_msi, 8);
    write(reg::PRIQ_IRQ_CFG0, priq_msi, 8);
    write(reg::EVENTQ_IRQ_CFG0, eventq_msi, 8);
    write(reg::IRQ_CTRL, reg::IRQ_GERROR | reg::IRQ_PRIQ | reg::IRQ_EVENTQ);
    write(reg::CR0, cr0);
}

// --- operations ----------------------------------------------------------------------------------

// False if what is waited for fails.
bool reentry_host::block(wait what)
{
    check(running_ != nullptr, "a blocking operation of a call that must not block");
    task &t = *running_;
    t.waits_for = what;
    fiber::yield();
    t.waits_for = wait::nothing;
    t.fetch.reset();
    if (std::exchange(t.kill, false))
        throw killed{};
    return !t.fail;
}

void reentry_host::lock()
{
    while (locked_)
        block(wait::lock);
    locked_ = true;
}

void reentry_host::drain()
{
    running_->drains_before = serial_;
    block(wait::drain);
}

// Units take time; of each kind of slot there are `slots`.
void reentry_host::use(const smmu_use &unit)
{
    constexpr uint32_t with_slots = 0
#define SMMU_UNIT(name, slot, ...) | (slot ? 1u << SMMU_UNIT_##name : 0u)
#include "smmu/units.def"
#undef SMMU_UNIT
        ;
    const bool slot = (with_slots >> unit.unit & 1) != 0;
    check(running_ != nullptr, "a unit is used by a call that must not block");
    running_->unit = unit.unit;
    block(slot ? wait::slot : wait::access);
    if (slot)
        check(++slots_taken_[unit.unit] <= slots, "a slot is taken that is not free");
}

void reentry_host::release(const smmu_use &unit)
{
    check(slots_taken_[unit.unit]-- != 0, "a slot is given back that was not taken");
}

unsigned reentry_host::slots_taken() const
{
    return std::accumulate(slots_taken_.begin(), slots_taken_.end(), 0u);
}

// An access takes effect when its task goes on, unless it is an early read. One that a reset has
// overtaken is on its own.
smmu_mem_status reentry_host::access(const smmu_mem_req &req, const std::function<void()> &effect)
{
    const unsigned resets = resets_;
    check_access(req, true);
    check(running_ != nullptr, "a blocking operation of a call that must not block");
    running_->fetch = static_cast<smmu_fetch>(req.fetch);
    const bool done = block(wait::access);
    if (resets == resets_)
        check_access(req, false);
    if (done)
        effect();
    return done ? SMMU_MEM_OK : SMMU_MEM_ABORT;
}

// Of two reads one is of memory as it is when the access begins.
smmu_mem_status reentry_host::read(const smmu_mem_req &req, void *data)
{
    early_ = !early_;
    if (!early_)
        return access(req, [&] { mem.read(req, data); });
    std::vector<uint8_t> seen(req.size);
    mem.read(req, seen.data());
    return access(req, [&] { std::memcpy(data, seen.data(), seen.size()); });
}

// --- rules ---------------------------------------------------------------------------------------

void reentry_host::check_queue_write(const smmu_mem_req &req, uint32_t base, uint32_t prod,
                                     uint32_t cons, unsigned log2, unsigned entry_log2) const
{
    const uint32_t index = reg(prod) & static_cast<uint32_t>(ones(log2));
    const uint64_t at =
        address_bits(read_register(const_cast<reentry_host *>(this)->smmu(), base, 8), 55, 5);
    check(locked_, "a queue is written out of turn");
    check(req.addr == at + (uint64_t{index} << entry_log2), "a queue is written beside PROD");
    check(((reg(prod) ^ reg(cons)) & ones(log2 + 1)) != uint64_t{1} << log2,
          "a full queue is written");
}

void reentry_host::check_command_fetch(uint64_t addr, bool begins) const
{
    if (addr < ecmdq_memory(0)) {
        const uint32_t errors = reg(reg::GERROR) ^ reg(reg::GERRORN);
        check(enabled(reg::CR0_CMDQEN), "a command is fetched with CMDQEN == 0");
        check(!begins || !(errors & reg::GERROR_CMDQ), "a command is fetched in error");
        return;
    }
    const auto n = static_cast<unsigned>((addr - ecmdq_memory(0)) / 0x10000);
    const uint32_t prod = reg(ecmdq_prod(n)), cons = reg(ecmdq_cons(n));
    check((cons & ECMDQ_EN) != 0, "a command is fetched with ENACK == 0");
    check(!begins || (prod & ECMDQ_EN) != 0, "a command is fetched with EN == 0");
    check(!begins || !((prod ^ cons) & ECMDQ_ERR), "a command is fetched in error");
    check(addr == ecmdq_memory(n) + 16 * (cons & ones(cmdq_log2)), "a command beside CONS");
}

// What must hold when an access begins and, for what shows in memory, when it takes effect.
void reentry_host::check_access(const smmu_mem_req &req, bool begins) const
{
    const uint32_t errors = reg(reg::GERROR) ^ reg(reg::GERRORN);
    switch (req.fetch) {
    case SMMU_FETCH_CMDQ:
        check_command_fetch(req.addr, begins);
        break;
    case SMMU_FETCH_EVTQ:
        check(enabled(reg::CR0_EVENTQEN), "an event is written with EVENTQEN == 0");
        check(!begins || !(errors & reg::GERROR_EVENTQ_ABT), "an event is written in error");
        check_queue_write(req, reg::EVENTQ_BASE, reg::EVENTQ_PROD, reg::EVENTQ_CONS, evtq_log2, 5);
        break;
    case SMMU_FETCH_PRIQ:
        check(enabled(reg::CR0_PRIQEN | reg::CR0_SMMUEN), "a request is written with PRIQEN == 0");
        check(!begins || !(errors & reg::GERROR_PRIQ_ABT), "a request is written in error");
        check_queue_write(req, reg::PRIQ_BASE, reg::PRIQ_PROD, reg::PRIQ_CONS, priq_log2, 4);
        break;
    case SMMU_FETCH_MSI: {
        const uint64_t source = (req.addr - msi_base) >> 4; // as in IRQ_CTRL; 3: CMD_SYNC
        check(source <= 3, "an MSI goes astray");
        check(source == 3 || (reg(reg::IRQ_CTRLACK) >> source & 1), "an MSI of a disabled source");
        break;
    }
    case SMMU_FETCH_DPT:
        check(enabled(reg::CR0_DPT_WALK_EN), "the DPT is read with DPT_WALK_EN == 0");
        check(!begins || enabled(reg::CR0_SMMUEN), "the DPT is read with SMMUEN == 0");
        break;
    case SMMU_FETCH_TTD_UPDATE:
        check(enabled(reg::CR0_SMMUEN), "a descriptor is updated with SMMUEN == 0");
        break;
    default:
        check(!begins || enabled(reg::CR0_SMMUEN), "a structure is fetched with SMMUEN == 0");
        break;
    }
}

// 7.2.1: which events there are while nothing is translated.
void reentry_host::check_record(const void *data) const
{
    uint8_t type = 0;
    std::memcpy(&type, data, 1);
    const bool any_time = type == F_UUT || type == F_BAD_ATS_TREQ || type == F_TRANSL_FORBIDDEN;
    check(any_time || enabled(reg::CR0_SMMUEN), "an event of translation with SMMUEN == 0");
}

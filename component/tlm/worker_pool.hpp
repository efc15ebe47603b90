// SPDX-License-Identifier: Apache-2.0
// Processes for work that may block, on behalf of those that may not.
#ifndef SMMU_TLM_WORKER_POOL_HPP
#define SMMU_TLM_WORKER_POOL_HPP

#include <list>
#include <vector>

#include <systemc>

namespace smmu {

class worker_pool {
  public:
    class job {
      public:
        virtual void run() = 0; // may block

      protected:
        ~job() = default;
    };

    worker_pool(); // while modules are built
    ~worker_pool();

    // Run `work` in a process of its own, which begins in this delta cycle. There are as many
    // processes as there was work at once. `work` must live until run() returns.
    void run(job &work);

    // End the process that runs `work`, at once: what it has on its stack is unwound. Not from a
    // process of the pool.
    void kill(job &work);

  private:
    struct worker;

    void grow();

    std::list<worker> all_;
    std::vector<worker *> idle_;
    std::vector<job *> waiting_; // for a process that is made
    sc_core::sc_event more_;
};

} // namespace smmu

#endif

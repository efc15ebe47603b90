// SPDX-License-Identifier: Apache-2.0
// The Arm SMMUv3 as a reference model: the class `smmu_model`, which is the C library, for testbenches in
// SystemVerilog (IEEE 1800-2017). docs/dpi.md is its manual; sections are those of IHI 0070.
package smmu_pkg;

  // --- words ------------------------------------------------------------------------------------
  // Values of members of the structures below, as the C API has them (smmu/types.h, ops.h, ats.h, dvm.h).

  // Security state of a stream or of a programming interface (3.10.1).
  typedef enum int unsigned {SMMU_SEC_NS, SMMU_SEC_S, SMMU_SEC_REALM, SMMU_SEC_ROOT} smmu_sec_e;

  // Physical address space of an access (3.10).
  typedef enum int unsigned {SMMU_PAS_NS, SMMU_PAS_S, SMMU_PAS_REALM, SMMU_PAS_ROOT} smmu_pas_e;

  // Shareability (13.1).
  typedef enum int unsigned {SMMU_SH_NON = 0, SMMU_SH_OUTER = 2, SMMU_SH_INNER = 3} smmu_sh_e;

  // Operations beyond reading and writing (3.22, 16.7.2, 16.7.6). SMMU_OP_WRITE_PREFETCH and
  // SMMU_OP_ATOMIC are writes, the others but the first are none.
  typedef enum int unsigned {
    SMMU_OP_ORDINARY,
    SMMU_OP_READ_CLEAN_INVALIDATE,
    SMMU_OP_READ_DESTRUCTIVE,
    SMMU_OP_WRITE_PREFETCH,
    SMMU_OP_PREFETCH,
    SMMU_OP_CLEAN,
    SMMU_OP_CLEAN_INVALIDATE,
    SMMU_OP_CLEAN_TO_PERSISTENCE,
    SMMU_OP_INVALIDATE,
    SMMU_OP_DESTRUCTIVE_HINT,
    SMMU_OP_ATOMIC
  } smmu_op_e;

  // What becomes of a transaction (3.12).
  typedef enum int unsigned {SMMU_FORWARD, SMMU_ABORT, SMMU_RAZWI, SMMU_STALLED} smmu_outcome_e;

  // Ends of a stall (4.7.1).
  typedef enum int unsigned {
    SMMU_RESUME_RETRY,
    SMMU_RESUME_ABORT,
    SMMU_RESUME_RAZWI
  } smmu_resume_e;

  // The translation regime of a stream's stage 1 (3.3.3).
  typedef enum int unsigned {SMMU_WORLD_NS_EL1, SMMU_WORLD_EL2, SMMU_WORLD_EL2_E2H} smmu_world_e;

  // Why the SMMU accesses memory (3.4.3).
  typedef enum int unsigned {
    SMMU_FETCH_L1STD,
    SMMU_FETCH_STE,
    SMMU_FETCH_L1CD,
    SMMU_FETCH_CD,
    SMMU_FETCH_VMS,
    SMMU_FETCH_TTD,
    SMMU_FETCH_TTD_UPDATE,
    SMMU_FETCH_DPT,
    SMMU_FETCH_CMDQ,
    SMMU_FETCH_EVTQ,
    SMMU_FETCH_PRIQ,
    SMMU_FETCH_MSI
  } smmu_fetch_e;

  // Wired interrupts (3.18.2).
  typedef enum int unsigned {
    SMMU_IRQ_EVTQ,
    SMMU_IRQ_PRIQ,
    SMMU_IRQ_CMD_SYNC,
    SMMU_IRQ_GERROR
  } smmu_irq_e;

  // Scopes of invalidations (4.3, 4.4).
  typedef enum int unsigned {
    SMMU_INVAL_ALL,
    SMMU_INVAL_CFG_ALL,
    SMMU_INVAL_CFG_SIDS,
    SMMU_INVAL_CFG_CD,
    SMMU_INVAL_CFG_CD_ALL,
    SMMU_INVAL_CFG_VMS,
    SMMU_INVAL_TLB_NH,
    SMMU_INVAL_TLB_EL2,
    SMMU_INVAL_TLB_S12,
    SMMU_INVAL_TLB_IPA,
    SMMU_INVAL_TLB_S1,
    SMMU_INVAL_TLB_ASID,
    SMMU_INVAL_TLB_VA,
    SMMU_INVAL_TLB_VAA,
    SMMU_INVAL_DPT_ALL,
    SMMU_INVAL_DPT_PA
  } smmu_inval_kind_e;

  // How an ATS Translation Request ends (3.9.1.2).
  typedef enum int unsigned {SMMU_ATS_SUCCESS, SMMU_ATS_UR, SMMU_ATS_CA} smmu_ats_status_e;

  // Scopes of TLBI instructions (DDI 0487 D8.17.5.4).
  typedef enum int unsigned {
    SMMU_DVM_ALL,
    SMMU_DVM_VMALLS12,
    SMMU_DVM_VMALL,
    SMMU_DVM_ASID,
    SMMU_DVM_VA,
    SMMU_DVM_VAA,
    SMMU_DVM_IPAS2
  } smmu_dvm_op_e;

  // Errors that inject() makes.
  typedef enum int unsigned {
    SMMU_INJECT_STE_ABORT,
    SMMU_INJECT_CD_ABORT,
    SMMU_INJECT_VMS_ABORT,
    SMMU_INJECT_WALK_ABORT,
    SMMU_INJECT_DPT_ABORT,
    SMMU_INJECT_CMDQ_ABORT,
    SMMU_INJECT_EVTQ_ABORT,
    SMMU_INJECT_PRIQ_ABORT,
    SMMU_INJECT_MSI_ABORT,
    SMMU_INJECT_TLB_CONFLICT,
    SMMU_INJECT_CFG_CONFLICT,
    SMMU_INJECT_SFM
  } smmu_injection_e;

  // Rights, or'ed: smmu_result_t.perm.
  localparam int unsigned SMMU_PERM_R = 1;
  localparam int unsigned SMMU_PERM_W = 2;
  localparam int unsigned SMMU_PERM_X = 4;

  // Response Codes of PRG Responses (8.3).
  localparam int unsigned SMMU_PRG_SUCCESS = 'h0;
  localparam int unsigned SMMU_PRG_INVALID = 'h1;
  localparam int unsigned SMMU_PRG_FAILURE = 'hf;

  // MAIR bytes of client attributes (DDI 0487 D24.2, MAIR_EL1).
  localparam int unsigned SMMU_MAIR_DEVICE_nGnRnE = 'h00;
  localparam int unsigned SMMU_MAIR_DEVICE_nGnRE = 'h04;
  localparam int unsigned SMMU_MAIR_NORMAL_NC = 'h44;
  localparam int unsigned SMMU_MAIR_NORMAL_WB_RAWA = 'hff;

  // --- structures -------------------------------------------------------------------------------
  // Packed, of two states, each member 32 bits or 64: they cross the DPI as they are (smmu/dpi.h has
  // the same members from the last to the first). A flag is 0 or 1.

  // A transaction that arrives at the SMMU.
  typedef struct packed {
    longint unsigned addr; // input address, all 64 bits as presented
    int unsigned sid; // StreamID
    int unsigned ssv; // a SubstreamID is given
    int unsigned ssid; // SubstreamID, with ssv
    int unsigned sec; // smmu_sec_e; not SMMU_SEC_ROOT
    int unsigned tbu; // the TBU it arrives at, below the parameter `tbus`
    int unsigned op; // smmu_op_e
    int unsigned write; // write, else read
    int unsigned instr; // instruction fetch
    int unsigned priv; // privileged
    int unsigned translated; // marked Translated (ATS)
    int unsigned mair; // attributes the client gives: a MAIR byte
    int unsigned sh; // smmu_sh_e of them
    int unsigned may_stall; // it can wait; else it is terminated where it would stall
    int unsigned retry; // 0; or result.stall of what is presented again after SMMU_RESUME_RETRY
  } smmu_txn_t;

  // What an answer depends on: the tag of what hardware caches.
  typedef struct packed {
    longint unsigned va; // lowest input address of the mapping
    int unsigned sid; // StreamID; not part of what tags a TLB entry
    int unsigned cd_index; // number of the CD, with cd; likewise
    int unsigned asid; // unless any_asid
    int unsigned vmid; // 0 without stage 2
    int unsigned sec; // smmu_sec_e
    int unsigned world; // smmu_world_e
    int unsigned span_log2; // log2 of the bytes the mapping covers
    int level; // lookup level of the leaf descriptor, -1 to 3
    int unsigned cd; // a CD counts; likewise
    int unsigned s1; // stage 1 translates
    int unsigned s2; // stage 2 translates
    int unsigned any_asid; // global: not bound to an ASID
    int unsigned aset; // of an ASID that CPUs do not share
    int unsigned s1_leaf_log2; // log2 of the bytes of stage 1's block or page
    int unsigned s2_leaf_log2; // the same of stage 2
    int unsigned s1_cut_log2; // of VMSAv8-32, see smmu/types.h
  } smmu_tag_t;

  // The answer to a transaction. Members but outcome, fault and stall are 0 unless it is forwarded.
  typedef struct packed {
    longint unsigned addr; // output address
    int unsigned outcome; // smmu_outcome_e
    int unsigned op; // smmu_op_e as it goes on
    int unsigned fault; // type of the event met (7.3), recorded or not; 0 for none
    int unsigned pas; // smmu_pas_e
    int unsigned perm; // SMMU_PERM_*
    int unsigned span_log2; // input addresses that differ below this bit share the answer
    int unsigned mair; // attributes of the output: a MAIR byte
    int unsigned sh; // smmu_sh_e of them
    int unsigned partid; // MPAM: PARTID
    int unsigned pmg; // PMG
    int unsigned space; // smmu_sec_e: the PARTID space of both
    int unsigned instr; // INST after overrides
    int unsigned priv; // PRIV after overrides
    int unsigned out_instr; // INST of the output: the same, or since SMMUv3.4 Data
    int unsigned out_priv; // PRIV of the output: the same, or since SMMUv3.4 privileged
    int unsigned pbha; // Page-Based Hardware Attributes
    int unsigned stall; // SMMU_STALLED: its number, for resumed() and smmu_txn_t.retry
    smmu_tag_t tag; // for smmu_inval_matches()
  } smmu_result_t;

  // An access of the SMMU's own.
  typedef struct packed {
    longint unsigned addr; // physical, aligned to its size
    int unsigned bytes; // 4 to 64, a power of two
    int unsigned fetch; // smmu_fetch_e
    int unsigned pas; // smmu_pas_e
    int unsigned mair; // its attributes: a MAIR byte
    int unsigned sh; // smmu_sh_e of them
    int unsigned partid; // MPAM: PARTID
    int unsigned pmg; // PMG
    int unsigned space; // smmu_sec_e: the PARTID space of both
    int unsigned stage; // 1 or 2, of translation table descriptors; else 0
    int unsigned level; // theirs, -2 to 3 in two's complement
    int unsigned sid; // the stream it is made for; 0 for queue accesses
    int unsigned id; // of messages whose they are, see smmu/ops.h
  } smmu_access_t;

  // What such an access carries: byte n in bits [8n+7:8n].
  typedef bit [511:0] smmu_data_t;

  // An invalidation: a selector over smmu_tag_t.
  typedef struct packed {
    longint unsigned addr; // VA or IPA, the first of a range
    longint unsigned reach; // from there to the last address; 0: it is addr alone
    longint unsigned leaf_sizes; // bit n: of blocks and pages of 2^n bytes; 0: of all
    longint unsigned table_sizes; // the same of table descriptors
    int unsigned kind; // smmu_inval_kind_e
    int unsigned sec; // smmu_sec_e
    int unsigned world; // smmu_world_e
    int unsigned leaf; // only last-level entries need go
    int unsigned shared; // of ASIDs that CPUs share
    int unsigned nested; // translations of both stages with this VMID too
    int unsigned vmid_wildcard; // low bits of VMIDs that are not compared
    int unsigned asid; // ASID
    int unsigned vmid; // VMID
    int unsigned sid; // StreamID, or the first of a range
    int unsigned sid_last; // the last of the range
    int unsigned ssid; // number of a CD
  } smmu_inval_t;

  // An ATS Translation Request.
  typedef struct packed {
    longint unsigned addr; // untranslated address
    int unsigned sid; // StreamID
    int unsigned ssv; // a PASID is given
    int unsigned ssid; // PASID, with ssv
    int unsigned sec; // smmu_sec_e
    int unsigned stus; // Smallest Translation Units asked for, 1 to 255
    int unsigned nw; // No-Write
    int unsigned exe; // Execute Requested
    int unsigned priv; // Privileged Mode Requested
  } smmu_ats_request_t;

  // Its completion.
  typedef struct packed {
    longint unsigned addr; // translated address, if anything is granted
    int unsigned status; // smmu_ats_status_e
    int unsigned span_log2; // log2 of the bytes the entry covers
    int unsigned r; // reading is granted
    int unsigned w; // writing is granted
    int unsigned exe; // execution is granted
    int unsigned priv; // as in the request
  } smmu_ats_completion_t;

  // An Invalidate Request of ATS.
  typedef struct packed {
    longint unsigned addr; // first byte of the range
    int unsigned sid; // StreamID
    int unsigned ssv; // it has a PASID
    int unsigned ssid; // PASID, with ssv
    int unsigned sec; // smmu_sec_e
    int unsigned span_log2; // log2 of the range's bytes, 12 to 64
    int unsigned all_pasids; // of all PASIDs: Global Invalidate
    int unsigned cmdq; // the Command queue it is from, for atc_sync()
  } smmu_atc_inv_t;

  // A PRI message: a Page Request, or with ssv, last, no r and no w a Stop Marker (8).
  typedef struct packed {
    longint unsigned addr; // of the page
    int unsigned sid; // StreamID
    int unsigned ssv; // a PASID is given
    int unsigned ssid; // PASID, with ssv
    int unsigned sec; // smmu_sec_e
    int unsigned prgi; // Page Request Group Index, 0 to 511
    int unsigned last; // the last of its group
    int unsigned r; // reading is asked for
    int unsigned w; // writing is asked for
    int unsigned exe; // execution is asked for
    int unsigned priv; // Privileged Mode Requested
  } smmu_page_request_t;

  // A PRG Response, for CMD_PRI_RESP (4.5.2) or made by the SMMU itself (8.1, 8.2).
  typedef struct packed {
    int unsigned sid; // StreamID
    int unsigned ssv; // it has a PASID
    int unsigned ssid; // PASID, with ssv
    int unsigned sec; // smmu_sec_e
    int unsigned prgi; // Page Request Group Index
    int unsigned code; // SMMU_PRG_*
  } smmu_prg_response_t;

  // A TLBI instruction of a CPU (3.17). Members that `op` does not have are ignored.
  typedef struct packed {
    longint unsigned addr; // VA or IPA, the first of a range
    int unsigned op; // smmu_dvm_op_e
    int unsigned sec; // smmu_sec_e
    int unsigned world; // smmu_world_e: the regime as the CPU has it
    int unsigned leaf; // only last-level entries need go
    int unsigned asid; // ASID
    int unsigned vmid; // VMID; 0 from a CPU without EL2
    int unsigned ranged; // an instruction for a range, such as RVAE1
    int unsigned num; // of a range, 0 to 31: see smmu/dvm.h
    int unsigned scale; // likewise, 0 to 3
    int unsigned tg; // granule: 1 4 KiB, 2 16 KiB, 3 64 KiB, 0 not said
    int unsigned ttl; // level hint, 0 to 3
  } smmu_dvm_t;

  // --- the C side -------------------------------------------------------------------------------
  // smmu/dpi.h says what these do; the class `smmu_model` is what testbenches call.

  import "DPI-C" function int smmu_dpi_create(input string parameters);
  import "DPI-C" function int smmu_dpi_destroy(input int number);
  import "DPI-C" function string smmu_dpi_error();
  import "DPI-C" context function int smmu_dpi_reset(input int number);
  import "DPI-C" function int smmu_dpi_reg_read(
    input int number, input int unsigned offset, input int bytes, output longint unsigned value);
  import "DPI-C" context function int smmu_dpi_reg_write(
    input int number, input int unsigned offset, input int bytes, input longint unsigned value);
  import "DPI-C" context function int smmu_dpi_run(input int number);
  import "DPI-C" context function int smmu_dpi_translate(
    input int number, input bit [$bits(smmu_txn_t)-1:0] txn,
    output bit [$bits(smmu_result_t)-1:0] result);
  import "DPI-C" context function int smmu_dpi_probe(
    input int number, input bit [$bits(smmu_txn_t)-1:0] txn,
    output bit [$bits(smmu_result_t)-1:0] result);
  import "DPI-C" context function int smmu_dpi_ats_translate(
    input int number, input bit [$bits(smmu_ats_request_t)-1:0] request,
    output bit [$bits(smmu_ats_completion_t)-1:0] completion);
  import "DPI-C" context function int smmu_dpi_request_page(
    input int number, input bit [$bits(smmu_page_request_t)-1:0] request);
  import "DPI-C" context function int smmu_dpi_broadcast_tlbi(
    input int number, input bit [$bits(smmu_dvm_t)-1:0] dvm);
  import "DPI-C" function int smmu_dpi_count(
    input int number, input string name, output longint unsigned value);
  import "DPI-C" function int smmu_dpi_inject(
    input int number, input int what, input int unsigned count);
  import "DPI-C" function int smmu_dpi_inval_matches(
    input bit [$bits(smmu_inval_t)-1:0] inval, input bit [$bits(smmu_tag_t)-1:0] tag);
  import "DPI-C" function string smmu_dpi_event_name(input int kind);

  export "DPI-C" function smmu_sv_read;
  export "DPI-C" function smmu_sv_write;
  export "DPI-C" function smmu_sv_compare_and_swap;
  export "DPI-C" function smmu_sv_interrupt;
  export "DPI-C" function smmu_sv_resumed;
  export "DPI-C" function smmu_sv_invalidated;
  export "DPI-C" function smmu_sv_atc_invalidate;
  export "DPI-C" function smmu_sv_atc_sync;
  export "DPI-C" function smmu_sv_page_response;

  // Calls that come back. A simulator finds an exported function in the scope of the imported one that
  // is called (35.5.3): this package; Verilator in the scope that calls: so it is called here.

  function automatic int smmu_call_reset(input int number);
    return smmu_dpi_reset(number);
  endfunction

  function automatic int smmu_call_reg_write(
    input int number, input int unsigned offset, input int bytes, input longint unsigned value);
    return smmu_dpi_reg_write(number, offset, bytes, value);
  endfunction

  function automatic int smmu_call_run(input int number);
    return smmu_dpi_run(number);
  endfunction

  function automatic int smmu_call_translate(
    input int number, input smmu_txn_t txn, output bit [$bits(smmu_result_t)-1:0] result);
    return smmu_dpi_translate(number, txn, result);
  endfunction

  function automatic int smmu_call_probe(
    input int number, input smmu_txn_t txn, output bit [$bits(smmu_result_t)-1:0] result);
    return smmu_dpi_probe(number, txn, result);
  endfunction

  function automatic int smmu_call_ats_translate(
    input int number, input smmu_ats_request_t request,
    output bit [$bits(smmu_ats_completion_t)-1:0] completion);
    return smmu_dpi_ats_translate(number, request, completion);
  endfunction

  function automatic int smmu_call_request_page(
    input int number, input smmu_page_request_t request);
    return smmu_dpi_request_page(number, request);
  endfunction

  function automatic int smmu_call_broadcast_tlbi(input int number, input smmu_dvm_t dvm);
    return smmu_dpi_broadcast_tlbi(number, dvm);
  endfunction

  // --- for testbenches --------------------------------------------------------------------------

  // What an SMMU needs of its surroundings. A testbench derives from it; memory is what it must have.
  // Functions are called out of calls of class smmu_model, and take no simulated time. Those that do not
  // move data must not call into an SMMU: such a call fails.
  virtual class smmu_host;

    // Read memory; the first access.bytes of `data` count. Returns 0 for an external abort.
    pure virtual function bit read(input smmu_access_t access, output smmu_data_t data);

    // Write memory, likewise.
    pure virtual function bit write(input smmu_access_t access, input smmu_data_t data);

    // Compare and swap access.bytes bytes, 8 or 16, the lowest of each number: if memory holds
    // `expected`, `value` is written. `held` gets what memory held. As nothing else happens meanwhile,
    // a read and a write do.
    virtual function bit compare_and_swap(
      input smmu_access_t access, input bit [127:0] expected, input bit [127:0] value,
      output bit [127:0] held);
      smmu_data_t data;
      held = '0;
      if (!read(access, data)) return 0;
      held = access.bytes == 16 ? data[127:0] : {64'b0, data[63:0]};
      if (held != expected) return 1;
      data[127:0] = value;
      return write(access, data);
    endfunction

    // A wired interrupt pulses (3.18: all sources are edges). smmu_sec_e, smmu_irq_e.
    virtual function void interrupt(input int sec, input int irq);
    endfunction

    // A transaction that stalled is let go: its smmu_result_t.stall, and smmu_resume_e.
    virtual function void resumed(input int stall, input int action);
    endfunction

    // Answers whose tags smmu_inval_matches() are no longer to be used.
    virtual function void invalidated(input smmu_inval_t inval);
    endfunction

    // An Invalidate Request is sent to an endpoint (CMD_ATC_INV, 4.5.1).
    virtual function void atc_invalidate(input smmu_atc_inv_t inval);
    endfunction

    // Whether all Invalidate Requests of this queue that were sent so far have completed in time
    // (3.9.1.4).
    virtual function bit atc_sync(input int unsigned cmdq);
      return 1;
    endfunction

    // A PRG Response is sent to an endpoint (CMD_PRI_RESP, 4.5.2, or the SMMU's own, 8.1, 8.2).
    virtual function void page_response(input smmu_prg_response_t response);
    endfunction
  endclass

  smmu_host smmu_hosts[int]; // by the numbers of SMMUs

  // One SMMU, once create() has made it. Functions that return bit return 1 if they have done what
  // they are for; else an argument was bad, or there is no SMMU, and failed() is told.
  class smmu_model;
    protected int number = 0;

    // Make it, in its reset state. `parameters` are words such as "preset=typical,sid_bits=8", the
    // rows of docs/parameters.md; smmu/dpi.h says what they look like.
    function bit create(input smmu_host host, input string parameters = "");
      if (number != 0) return refused("smmu: has been created already");
      if (host == null) return refused("host: is null");
      number = smmu_dpi_create(parameters);
      if (number == 0) return refused(smmu_dpi_error());
      smmu_hosts[number] = host;
      return 1;
    endfunction

    // Is told why a call failed: "PLACE: REASON". A testbench with a way of its own of reporting
    // errors derives from the class.
    virtual function void failed(input string why);
      $error("smmu: %s", why);
    endfunction

    // Whether there is one.
    function bit exists();
      return number != 0;
    endfunction

    // Free it, and what it knows. SystemVerilog has no destructors.
    function bit destroy();
      if (!done(smmu_dpi_destroy(number))) return 0;
      smmu_hosts.delete(number);
      number = 0;
      return 1;
    endfunction

    // Assert and release its reset: registers take their reset values, caches are empty.
    function bit reset();
      return done(smmu_call_reset(number));
    endfunction

    // Registers (6.2): `offset` is from the base of page 0, aligned. What a write starts is done in
    // run().
    function bit read32(input int unsigned offset, output int unsigned value);
      longint unsigned wide;
      read32 = done(smmu_dpi_reg_read(number, offset, 4, wide));
      value = wide[31:0];
    endfunction

    function bit read64(input int unsigned offset, output longint unsigned value);
      return done(smmu_dpi_reg_read(number, offset, 8, value));
    endfunction

    function bit write32(input int unsigned offset, input int unsigned value);
      return done(smmu_call_reg_write(number, offset, 4, {32'b0, value}));
    endfunction

    function bit write64(input int unsigned offset, input longint unsigned value);
      return done(smmu_call_reg_write(number, offset, 8, value));
    endfunction

    // Consume commands until the queue is empty or in error, and do what else waits.
    function bit run();
      return done(smmu_call_run(number));
    endfunction

    // Take a transaction through it: fills caches, records events, counts.
    function bit translate(input smmu_txn_t txn, output smmu_result_t result);
      bit [$bits(smmu_result_t)-1:0] words;
      translate = done(smmu_call_translate(number, txn, words));
      result = words;
    endfunction

    // The same answer without any effect. may_stall and retry do not count.
    function bit probe(input smmu_txn_t txn, output smmu_result_t result);
      bit [$bits(smmu_result_t)-1:0] words;
      probe = done(smmu_call_probe(number, txn, words));
      result = words;
    endfunction

    // Serve an ATS Translation Request (3.9.1, 13.7).
    function bit ats_translate(
      input smmu_ats_request_t request, output smmu_ats_completion_t completion);
      bit [$bits(smmu_ats_completion_t)-1:0] words;
      ats_translate = done(smmu_call_ats_translate(number, request, words));
      completion = words;
    endfunction

    // Take a PRI message (8): into the PRI queue, or the SMMU answers it by page_response().
    function bit request_page(input smmu_page_request_t request);
      return done(smmu_call_request_page(number, request));
    endfunction

    // Take a TLBI instruction that a CPU has broadcast (3.17). Ignored without the parameter `btm`, or by
    // CR2.PTM.
    function bit broadcast_tlbi(input smmu_dvm_t dvm);
      return done(smmu_call_broadcast_tlbi(number, dvm));
    endfunction

    // How often something has happened since the SMMU was made: "events", "gerrors", "commands",
    // "tlb_hits" and the other counters of smmu/observations.def.
    function bit count(input string name, output longint unsigned value);
      return done(smmu_dpi_count(number, name, value));
    endfunction

    // Let the next `times` accesses of a kind go wrong: smmu_injection_e.
    function bit inject(input int what, input int unsigned times);
      return done(smmu_dpi_inject(number, what, times));
    endfunction

    protected function bit done(input int status);
      if (status != 0) return 1;
      return refused(smmu_dpi_error());
    endfunction

    protected function bit refused(input string why);
      failed(why);
      return 0;
    endfunction
  endclass

  // A transaction with what most have: Non-secure, Normal Write-Back memory, Inner Shareable.
  function automatic smmu_txn_t smmu_transaction(
    input int unsigned sid, input longint unsigned addr, input bit write = 0);
    smmu_txn_t txn;
    txn = '0;
    txn.sid = sid;
    txn.addr = addr;
    txn.write = {31'b0, write};
    txn.mair = SMMU_MAIR_NORMAL_WB_RAWA;
    txn.sh = SMMU_SH_INNER;
    return txn;
  endfunction

  // Whether what `tag` describes goes under `inval` (3.17, 4.3, 4.4).
  function automatic bit smmu_inval_matches(input smmu_inval_t inval, input smmu_tag_t tag);
    return smmu_dpi_inval_matches(inval, tag) != 0;
  endfunction

  // Name of an event type (7.3): "F_TRANSLATION"; "?" if there is none.
  function automatic string smmu_event_name(input int kind);
    return smmu_dpi_event_name(kind);
  endfunction

  // --- what the C side calls ----------------------------------------------------------------------

  function automatic int smmu_sv_read(
    input int number, input bit [$bits(smmu_access_t)-1:0] access, output bit [511:0] data);
    smmu_data_t words;
    bit good;
    words = '0;
    good = smmu_hosts[number].read(access, words);
    data = words;
    return {31'b0, good};
  endfunction

  function automatic int smmu_sv_write(
    input int number, input bit [$bits(smmu_access_t)-1:0] access, input bit [511:0] data);
    bit good;
    good = smmu_hosts[number].write(access, data);
    return {31'b0, good};
  endfunction

  function automatic int smmu_sv_compare_and_swap(
    input int number, input bit [$bits(smmu_access_t)-1:0] access, input bit [127:0] expected,
    input bit [127:0] value, output bit [127:0] held);
    bit good;
    bit [127:0] words;
    words = '0;
    good = smmu_hosts[number].compare_and_swap(access, expected, value, words);
    held = words;
    return {31'b0, good};
  endfunction

  function automatic void smmu_sv_interrupt(input int number, input int sec, input int irq);
    smmu_hosts[number].interrupt(sec, irq);
  endfunction

  function automatic void smmu_sv_resumed(input int number, input int stall, input int action);
    smmu_hosts[number].resumed(stall, action);
  endfunction

  function automatic void smmu_sv_invalidated(
    input int number, input bit [$bits(smmu_inval_t)-1:0] inval);
    smmu_hosts[number].invalidated(inval);
  endfunction

  function automatic void smmu_sv_atc_invalidate(
    input int number, input bit [$bits(smmu_atc_inv_t)-1:0] inval);
    smmu_hosts[number].atc_invalidate(inval);
  endfunction

  function automatic int smmu_sv_atc_sync(input int number, input int unsigned cmdq);
    bit good;
    good = smmu_hosts[number].atc_sync(cmdq);
    return {31'b0, good};
  endfunction

  function automatic void smmu_sv_page_response(
    input int number, input bit [$bits(smmu_prg_response_t)-1:0] response);
    smmu_hosts[number].page_response(response);
  endfunction
endpackage

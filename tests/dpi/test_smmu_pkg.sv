// SPDX-License-Identifier: Apache-2.0
// The package in a simulator: what it says arrives in C, and what C says arrives in the testbench. One
// stream with stage 1, whose structures are written by hand (IHI 0070 5.2, 5.4, 7.3; DDI 0487 D8.3).
package host_pkg;
  import smmu_pkg::*;

  // Memory in words of 32 bits, and all that the SMMU tells.
  class host extends smmu_host;
    bit [31:0] words[longint unsigned];
    smmu_access_t accesses[$];
    smmu_inval_t invals[$];
    smmu_atc_inv_t atc_invals[$];
    smmu_prg_response_t responses[$];
    int interrupts[$], stalls[$], actions[$];
    int syncs = 0;

    function void store(longint unsigned addr, longint unsigned value);
      words[addr] = value[31:0];
      words[addr + 4] = value[63:32];
    endfunction

    function longint unsigned load(longint unsigned addr);
      return {words[addr + 4], words[addr]};
    endfunction

    virtual function bit read(input smmu_access_t access, output smmu_data_t data);
      data = '0;
      accesses.push_back(access);
      if (access.addr[63:32] != 0) return 0;
      for (int i = 0; i < int'(access.bytes) / 4; i++)
        if (words.exists(access.addr + longint'(4 * i)) != 0)
          data[32*i+:32] = words[access.addr+longint'(4*i)];
      return 1;
    endfunction

    virtual function bit write(input smmu_access_t access, input smmu_data_t data);
      accesses.push_back(access);
      for (int i = 0; i < int'(access.bytes) / 4; i++)
        words[access.addr+longint'(4*i)] = data[32*i+:32];
      return 1;
    endfunction

    virtual function void interrupt(input int sec, input int irq);
      interrupts.push_back(100 * sec + irq);
    endfunction

    virtual function void resumed(input int stall, input int action);
      stalls.push_back(stall);
      actions.push_back(action);
    endfunction

    virtual function void invalidated(input smmu_inval_t inval);
      invals.push_back(inval);
    endfunction

    virtual function void atc_invalidate(input smmu_atc_inv_t inval);
      atc_invals.push_back(inval);
    endfunction

    virtual function bit atc_sync(input int unsigned cmdq);
      syncs++;
      return 1;
    endfunction

    virtual function void page_response(input smmu_prg_response_t response);
      responses.push_back(response);
    endfunction
  endclass
endpackage

module test_smmu_pkg;
  import smmu_pkg::*;
  import host_pkg::*;

  localparam longint unsigned STRTAB = 64'h1000, CD = 64'h2000, TABLE = 64'h3000, CMDQ = 64'h10000,
                              EVTQ = 64'h20000;

  int failures = 0;

  function automatic void check(string what, longint unsigned got, longint unsigned expected);
    if (got == expected) return;
    $display("FAIL: %s is 0x%0h, not 0x%0h", what, got, expected);
    failures++;
  endfunction

  function automatic void check_text(string what, string got, string expected);
    if (got == expected) return;
    $display("FAIL: %s is \"%s\", not \"%s\"", what, got, expected);
    failures++;
  endfunction

  // Keeps what it has to say.
  class quiet extends smmu_model;
    string why = "";

    virtual function void failed(input string reason);
      why = reason;
    endfunction
  endclass

  host h;
  smmu_host as_host; // made by an assignment: in a call Verilator 5.006 does not
  smmu_host nobody; // is null
  quiet model;
  int unsigned prod = 0;

  function automatic void submit(longint unsigned low, longint unsigned high);
    h.store(CMDQ + longint'(16 * (prod % 64)), low);
    h.store(CMDQ + longint'(16 * (prod % 64) + 8), high);
    prod = (prod + 1) % 128;
    check("write of PROD", model.write32('h98, prod), 1);
    check("run", model.run(), 1);
  endfunction

  // Stream 2: stage 1 with a 39-bit table of 1 GiB blocks, ASID 9, CD.S and A; EATS is 1.
  function automatic void bring_up();
    h.store(STRTAB + 2 * 64, 64'hb | CD);
    h.store(STRTAB + 2 * 64 + 8, 64'h1000_0000);
    h.store(CD, 64'h0009_7202_c000_3519);
    h.store(CD + 8, TABLE);
    h.store(CD + 24, 64'hff);
    h.store(TABLE, 64'h0000_0012_8000_0f41); // nG, AF, Inner Shareable, read-write
    check("STRTAB_BASE", model.write64('h80, STRTAB), 1);
    check("STRTAB_BASE_CFG", model.write32('h88, 2), 1);
    check("CMDQ_BASE", model.write64('h90, CMDQ | 6), 1);
    check("EVENTQ_BASE", model.write64('ha0, EVTQ | 6), 1);
    check("IRQ_CTRL", model.write32('h50, 4), 1);
    check("CR2", model.write32('h2c, 0), 1); // takes part in broadcasts
    check("CR0", model.write32('h20, 32'hd), 1);
    check("run", model.run(), 1);
  endfunction

  function automatic void test_construction();
    quiet none;
    int unsigned value;
    none = new;
    check("creation", none.create(as_host, "preset=small,sid_bits=99"), 0);
    check_text("reason", none.why, "sid_bits: must be 0 to 32");
    check("existence", none.exists(), 0);
    check("read of none", none.read32(0, value), 0);
    check_text("reason", none.why, "smmu: there is no SMMU 0");
    check("creation", none.create(nobody), 0);
    check_text("reason", none.why, "host: is null");
    model = new;
    check("creation", model.create(as_host, "preset=typical,sid_bits=7,ssid_bits=0,cd2l=0,btm=1"), 1);
    check_text("reason of success", model.why, "");
    check("creation", model.create(as_host), 0);
    check_text("reason", model.why, "smmu: has been created already");
    check("existence", model.exists(), 1);
  endfunction

  function automatic void test_registers();
    int unsigned narrow;
    longint unsigned wide;
    check("read", model.read32('h4, narrow), 1);
    check("IDR1.SIDSIZE", narrow[5:0], 7);
    check("write", model.write64('ha0, 64'h00ab_cdef_1234_5666), 1);
    check("read", model.read64('ha0, wide), 1);
    check("EVENTQ_BASE", wide, 64'h0000_cdef_1234_5666);
    check("read", model.read32('ha4, narrow), 1);
    check("upper half", narrow, wide[63:32]);
    check("misaligned read", model.read32('h2, narrow), 0);
    check_text("reason", model.why,
               "offset: no register access of 4 bytes at 0x2: 4 or 8, aligned, below 0x30000");
  endfunction

  function automatic void test_translation();
    smmu_txn_t txn;
    smmu_result_t result, probed;
    longint unsigned value;
    txn = smmu_transaction(2, 64'h1234_5678, 1);
    check("probe", model.probe(txn, probed), 1);
    check("translations", model.count("translations", value) ? value : 99, 0);
    check("translate", model.translate(txn, result), 1);
    check("outcome", result.outcome, SMMU_FORWARD);
    check("address", result.addr, 64'h12_9234_5678);
    check("MAIR", result.mair, SMMU_MAIR_NORMAL_WB_RAWA);
    check("shareability", result.sh, SMMU_SH_INNER);
    check("span", result.span_log2, 30);
    check("permission", result.perm & (SMMU_PERM_R | SMMU_PERM_W), SMMU_PERM_R | SMMU_PERM_W);
    check("ASID", result.tag.asid, 9);
    check("VA", result.tag.va, 0);
    check("level", result.tag.level, 1);
    check("stages", {result.tag.s1[0], result.tag.s2[0]}, 2'b10);
    check("probed address", probed.addr, result.addr);
    check("accesses", h.accesses[0].addr, STRTAB + 2 * 64);
    check("bytes", h.accesses[0].bytes, 64);
    check("why", h.accesses[0].fetch, SMMU_FETCH_STE);
    check("stream", h.accesses[0].sid, 2);
    txn.sid = 3;
    check("translate", model.translate(txn, result), 1);
    check("outcome", result.outcome, SMMU_ABORT);
    check_text("event", smmu_event_name(int'(result.fault)), "C_BAD_STE");
    check("events", model.count("events", value) ? value : 99, 1);
    check("record", h.load(EVTQ), 64'h0000_0003_0000_0004);
    check("interrupts", h.interrupts.size(), 1);
    check("interrupt", h.interrupts[0], 100 * SMMU_SEC_NS + SMMU_IRQ_EVTQ);
    check("misspelt counter", model.count("event", value), 0);
    check_text("reason", model.why, "name: there is no counter \"event\"");
    txn.sh = 1;
    check("bad transaction", model.translate(txn, result), 0);
    check_text("reason", model.why, "sh: must be 0, 2 or 3, is 1");
  endfunction

  // CMD_TLBI_NH_VA of ASID 9 and of ASID 8, CMD_ATC_INV of 2 MiB, CMD_SYNC (4.4, 4.5, 4.7).
  function automatic void test_invalidations();
    smmu_result_t result;
    check("translate", model.translate(smmu_transaction(2, 0), result), 1);
    while (h.invals.size() != 0) void'(h.invals.pop_front());
    submit(64'h0009_0000_0000_0012, 64'h4000);
    submit(64'h0008_0000_0000_0012, 64'h4000);
    check("notices", h.invals.size(), 2);
    check("kind", h.invals[0].kind, SMMU_INVAL_TLB_VA);
    check("address", h.invals[0].addr, 64'h4000);
    check("its own ASID", smmu_inval_matches(h.invals[0], result.tag), 1);
    check("another ASID", smmu_inval_matches(h.invals[1], result.tag), 0);
    submit(64'h0000_0002_0000_0040, 64'h0020_0009);
    submit(64'h0000_0000_0000_0046, 0);
    check("Invalidate Requests", h.atc_invals.size(), 1);
    check("stream", h.atc_invals[0].sid, 2);
    check("address", h.atc_invals[0].addr, 64'h20_0000);
    check("span", h.atc_invals[0].span_log2, 21);
    check("waits", h.syncs, 1);
  endfunction

  function automatic void test_ats();
    smmu_ats_request_t request;
    smmu_ats_completion_t completion;
    request = '0;
    request.sid = 2;
    request.addr = 64'h1234_5000;
    request.stus = 1;
    check("request", model.ats_translate(request, completion), 1);
    check("status", completion.status, SMMU_ATS_SUCCESS);
    check("rights", {completion.r[0], completion.w[0], completion.exe[0]}, 3'b110);
    check("address", completion.addr & ~64'hfff, 64'h12_9234_5000 & ~((64'd1 << completion.span_log2) - 1));
    request.stus = 0;
    check("bad request", model.ats_translate(request, completion), 0);
  endfunction

  // Without a PRI queue every request is answered with Response Failure (8.2).
  function automatic void test_pages();
    smmu_page_request_t request;
    request = '0;
    request.sid = 2;
    request.addr = 64'h1234_5000;
    request.prgi = 7;
    request.r = 1;
    check("request", model.request_page(request), 1);
    check("responses", h.responses.size(), 1);
    check("stream", h.responses[0].sid, 2);
    check("group", h.responses[0].prgi, 7);
    check("code", h.responses[0].code, SMMU_PRG_FAILURE);
    request.prgi = 512;
    check("bad group", model.request_page(request), 0);
    check_text("reason", model.why, "prgi: must be 0 to 511, is 512");
  endfunction

  // TLBI ASIDE1 of ASID 9 (DDI 0487 D8.17.5): what the host hears of it.
  function automatic void test_broadcast();
    smmu_dvm_t dvm;
    while (h.invals.size() != 0) void'(h.invals.pop_front());
    dvm = '0;
    dvm.op = SMMU_DVM_ASID;
    dvm.asid = 9;
    check("broadcast", model.broadcast_tlbi(dvm), 1);
    check("notices", h.invals.size(), 1);
    check("kind", h.invals[0].kind, SMMU_INVAL_TLB_ASID);
    check("ASID", h.invals[0].asid, 9);
    dvm.op = 7;
    check("bad scope", model.broadcast_tlbi(dvm), 0);
    check_text("reason", model.why, "op: must be 0 to 6, is 7");
  endfunction

  // A transaction that stalls, and CMD_RESUME with Ac (4.7.1).
  function automatic void test_stall();
    smmu_txn_t txn;
    smmu_result_t result;
    longint unsigned record;
    int unsigned stag;
    txn = smmu_transaction(2, 64'h4000_0000);
    txn.may_stall = 1;
    check("translate", model.translate(txn, result), 1);
    check("outcome", result.outcome, SMMU_STALLED);
    record = h.load(EVTQ + 32 + 8);
    check("Stall", record[31], 1);
    stag = {16'b0, record[15:0]};
    h.store(TABLE + 8, 64'h0000_0012_c000_0f41);
    submit(64'h0000_0002_0000_1044, {32'b0, stag});
    check("resumed", h.stalls.size(), 1);
    check("which", h.stalls[0], result.stall);
    check("how", h.actions[0], SMMU_RESUME_RETRY);
    txn.retry = result.stall;
    check("retry", model.translate(txn, result), 1);
    check("address", result.addr, 64'h12_c000_0000);
  endfunction

  function automatic void test_injection();
    smmu_result_t result;
    check("reset", model.reset(), 1);
    bring_up();
    check("inject", model.inject(SMMU_INJECT_CD_ABORT, 1), 1);
    check("translate", model.translate(smmu_transaction(2, 0), result), 1);
    check_text("event", smmu_event_name(int'(result.fault)), "F_CD_FETCH");
    check("bad injection", model.inject(77, 1), 0);
  endfunction

  function automatic void test_end();
    check("destroy", model.destroy(), 1);
    check("existence", model.exists(), 0);
    check("run", model.run(), 0);
    check("destroy again", model.destroy(), 0);
  endfunction

  initial begin
    h = new;
    as_host = h;
    test_construction();
    test_registers();
    bring_up();
    test_translation();
    test_invalidations();
    test_ats();
    test_pages();
    test_broadcast();
    test_stall();
    test_injection();
    test_end();
    if (failures != 0) $fatal(1, "%0d checks failed", failures);
    $display("PASS: smmu_pkg");
    $finish;
  end
endmodule

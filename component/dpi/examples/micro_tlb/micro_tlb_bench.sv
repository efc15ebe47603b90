// SPDX-License-Identifier: Apache-2.0
// The micro TLB against the SMMU: random transactions and invalidations, and whatever the micro TLB has to
// say is compared with what the C library says. docs/dpi.md walks through it.
//
// +seed=N and +count=N: where the generator of random numbers begins, and how many operations there are.

module micro_tlb_bench;
  import smmu_pkg::*;
  import world_pkg::*;

  localparam int ENTRIES = 16;

  // --- the device under test ----------------------------------------------------------------------

  bit clk = 0;
  bit rst_n = 0;
  initial forever #5 clk = !clk;

  bit [7:0] sid;
  bit ssv;
  bit [3:0] ssid;
  bit [51:0] page;
  bit write;
  logic hit, hit_permitted;
  logic [51:0] hit_page;
  logic [7:0] hit_mair;
  logic [1:0] hit_sh;

  bit fill_valid = 0;
  smmu_result_t answer;
  logic [$clog2(ENTRIES)-1:0] fill_entry;

  bit inval_valid = 0;
  invalidation_t inval;

  micro_tlb #(.ENTRIES(ENTRIES)) dut (
    .clk, .rst_n,
    .lookup_sid(sid), .lookup_ssv(ssv), .lookup_ssid(ssid), .lookup_page(page), .lookup_write(write),
    .hit, .hit_permitted, .hit_page, .hit_mair, .hit_sh,
    .fill_valid,
    .fill_page(answer.addr[63:12]),
    .fill_readable(answer.perm[0]), .fill_writable(answer.perm[1]),
    .fill_mair(answer.mair[7:0]), .fill_sh(answer.sh[1:0]),
    .fill_asid(answer.tag.asid[15:0]), .fill_any_asid(answer.tag.any_asid[0]),
    .fill_vmid(answer.tag.vmid[15:0]), .fill_leaf_log2(answer.tag.s1_leaf_log2[5:0]),
    .fill_entry,
    .inval_valid, .inval_kind(inval.kind), .inval_sid(inval.sid), .inval_vmid(inval.vmid),
    .inval_asid(inval.asid), .inval_page(inval.page)
  );

  // --- the scoreboard -----------------------------------------------------------------------------

  // What the micro TLB was filled with, and whether the SMMU has said since that it has to go.
  class scoreboard extends world;
    smmu_txn_t keys[ENTRIES];
    smmu_tag_t tags[ENTRIES];
    bit used[ENTRIES];
    bit there[ENTRIES];
    string gone_by[ENTRIES];

    virtual function void invalidated(input smmu_inval_t what);
      for (int i = 0; i < ENTRIES; i++)
        if (there[i] && smmu_inval_matches(what, tags[i])) begin
          there[i] = 0;
          gone_by[i] = last_command;
        end
    endfunction

    function void filled(input int entry, input smmu_txn_t txn, input smmu_tag_t tag);
      keys[entry] = txn;
      tags[entry] = tag;
      used[entry] = 1;
      there[entry] = 1;
    endfunction

    // The entry that was last filled for the question; -1 if there is none.
    function int entry_of(input smmu_txn_t txn);
      for (int i = 0; i < ENTRIES; i++)
        if (used[i] && keys[i].sid == txn.sid && keys[i].ssv == txn.ssv && keys[i].ssid == txn.ssid &&
            keys[i].addr[63:12] == txn.addr[63:12])
          return i;
      return -1;
    endfunction
  endclass

  scoreboard board;
  int operations = 0, transactions = 0, hits = 0, invalidations = 0;
  int unsigned seed = 1, count = 120000;

  function automatic string described(smmu_txn_t txn);
    string what = "read", who = "";
    if (txn.write != 0) what = "write";
    if (txn.ssv != 0) who = $sformatf(", substream %0d", txn.ssid);
    return $sformatf("%s of 0x%0h by stream %0d%s", what, txn.addr, txn.sid, who);
  endfunction

  task automatic differs(smmu_txn_t txn, string what);
    $display("MISMATCH: %s: %s (operation %0d, +seed=%0d)", described(txn), what, operations, seed);
    $fatal(1, "the micro TLB and the SMMU differ");
  endtask

  // Whether it has the answer at all: what was filled stays until it is pushed out or has to go.
  task automatic check_presence(smmu_txn_t txn);
    automatic int entry = board.entry_of(txn);
    automatic bit expected = entry >= 0 && board.there[entry];
    if (hit === expected) return;
    if (expected)
      differs(txn, {"the micro TLB has lost its answer, which nothing has invalidated; the last command was ",
                    board.last_command});
    else if (entry >= 0)
      differs(txn, {"the micro TLB has an answer that had to go by ", board.gone_by[entry]});
    else differs(txn, "the micro TLB has an answer that it was not given");
  endtask

  // What the answer is.
  task automatic check_answer(smmu_txn_t txn, smmu_result_t result);
    automatic bit permitted = result.outcome == SMMU_FORWARD;
    if (hit_permitted !== permitted)
      differs(txn, permitted ? "the micro TLB denies it, the SMMU permits it" : {
              "the micro TLB permits it, the SMMU aborts it with ", smmu_event_name(int'(result.fault))});
    else if (permitted && hit_page !== result.addr[63:12])
      differs(txn, $sformatf("the output page is 0x%0h in the micro TLB, 0x%0h in the SMMU", hit_page,
                             result.addr[63:12]));
    else if (permitted && {hit_mair, hit_sh} !== {result.mair[7:0], result.sh[1:0]})
      differs(txn, $sformatf("the attributes are 0x%0h, %0d in the micro TLB, 0x%0h, %0d in the SMMU",
                             hit_mair, hit_sh, result.mair, result.sh));
  endtask

  // --- stimuli ------------------------------------------------------------------------------------

  // Signals change at the falling edge, and are looked at before the rising one.
  task automatic transact();
    smmu_txn_t txn;
    smmu_result_t result;
    board.any_transaction(txn);
    {sid, ssv, ssid} = {txn.sid[7:0], txn.ssv[0], txn.ssid[3:0]};
    {page, write} = {txn.addr[63:12], txn.write[0]};
    if (!board.model.translate(txn, result)) $fatal(1, "no transaction");
    #1;
    check_presence(txn);
    transactions++;
    if (hit) begin
      hits++;
      check_answer(txn, result);
    end else if (result.outcome == SMMU_FORWARD) begin
      answer = result;
      fill_valid = 1;
      #1;
      board.filled(int'(fill_entry), txn, result.tag);
    end
    @(negedge clk);
    fill_valid = 0;
  endtask

  task automatic invalidate();
    invalidation_t what;
    board.any_change(what);
    inval = what;
    inval_valid = 1;
    board.command(what);
    invalidations++;
    @(negedge clk);
    inval_valid = 0;
  endtask

  initial begin
    void'($value$plusargs("seed=%d", seed));
    void'($value$plusargs("count=%d", count));
    board = new;
    board.bring_up(seed);
    repeat (2) @(negedge clk);
    rst_n = 1;
    for (operations = 0; operations < int'(count); operations++)
      if (board.random(100) < 85) transact();
      else invalidate();
    $display("PASS: %0d transactions, %0d of them hits, and %0d invalidations agree (+seed=%0d)",
             transactions, hits, invalidations, seed);
    $finish;
  end
endmodule

// SPDX-License-Identifier: Apache-2.0
// A micro TLB: answers of the SMMU by stream, substream and page of 4 KiB. It answers in the cycle that it
// is asked in; what is filled or invalidated at a rising edge counts from the next cycle on.
module micro_tlb #(
  parameter int ENTRIES = 8,
  parameter int SID_BITS = 8,
  parameter int SSID_BITS = 4,
  localparam int INDEX_BITS = $clog2(ENTRIES)
) (
  input logic clk,
  input logic rst_n,

  // What is asked, and the answer.
  input logic [SID_BITS-1:0] lookup_sid,
  input logic lookup_ssv,
  input logic [SSID_BITS-1:0] lookup_ssid,
  input logic [51:0] lookup_page,
  input logic lookup_write,
  output logic hit,
  output logic hit_permitted,
  output logic [51:0] hit_page,
  output logic [7:0] hit_mair,
  output logic [1:0] hit_sh,

  // An answer for what is asked; `fill_entry` is where it goes.
  input logic fill_valid,
  input logic [51:0] fill_page,
  input logic fill_readable,
  input logic fill_writable,
  input logic [7:0] fill_mair,
  input logic [1:0] fill_sh,
  input logic [15:0] fill_asid,
  input logic fill_any_asid,
  input logic [15:0] fill_vmid,
  input logic [5:0] fill_leaf_log2, // of the block or page of stage 1 that the page is a piece of
  output logic [INDEX_BITS-1:0] fill_entry,

  // What goes: everything, all of a stream, of a VMID, of an ASID, or of an address.
  input logic inval_valid,
  input logic [2:0] inval_kind,
  input logic [SID_BITS-1:0] inval_sid,
  input logic [15:0] inval_vmid,
  input logic [15:0] inval_asid,
  input logic [51:0] inval_page
);
  localparam bit [2:0] KIND_ALL = 0, KIND_SID = 1, KIND_VMID = 2, KIND_ASID = 3, KIND_VA = 4;

  typedef struct packed {
    logic [SID_BITS-1:0] sid;
    logic ssv;
    logic [SSID_BITS-1:0] ssid;
    logic [51:0] page;
  } key_t;

  typedef struct packed {
    key_t key;
    logic [51:0] page;
    logic readable;
    logic writable;
    logic [7:0] mair;
    logic [1:0] sh;
    logic [15:0] asid;
    logic any_asid;
    logic [15:0] vmid;
    logic [5:0] leaf_log2;
  } entry_t;

  logic [ENTRIES-1:0] valid;
  entry_t entries[ENTRIES];
  logic [INDEX_BITS-1:0] oldest;

  // --- look-up ----------------------------------------------------------------------------------

  key_t asked;
  logic [ENTRIES-1:0] matched;
  entry_t found;

  assign asked.sid = lookup_sid;
  assign asked.ssv = lookup_ssv;
  assign asked.ssid = lookup_ssv ? lookup_ssid : '0;
  assign asked.page = lookup_page;

  always_comb begin
    found = '0;
    for (int i = 0; i < ENTRIES; i++) begin
      matched[i] = valid[i] && entries[i].key == asked;
      if (matched[i]) found = found | entries[i];
    end
  end

  assign hit = |matched;
  assign hit_permitted = lookup_write ? found.writable : found.readable;
  assign hit_page = found.page;
  assign hit_mair = found.mair;
  assign hit_sh = found.sh;

  // --- fill: a free entry, else the oldest --------------------------------------------------------

  entry_t filled;

  assign filled.key = asked;
  assign filled.page = fill_page;
  assign filled.readable = fill_readable;
  assign filled.writable = fill_writable;
  assign filled.mair = fill_mair;
  assign filled.sh = fill_sh;
  assign filled.asid = fill_asid;
  assign filled.any_asid = fill_any_asid;
  assign filled.vmid = fill_vmid;
  assign filled.leaf_log2 = fill_leaf_log2;

  always_comb begin
    fill_entry = oldest;
    for (int i = ENTRIES - 1; i >= 0; i--) if (!valid[i]) fill_entry = INDEX_BITS'(i);
  end

  // --- invalidation -------------------------------------------------------------------------------

  logic [ENTRIES-1:0] goes;

  always_comb begin
    for (int i = 0; i < ENTRIES; i++) begin
      automatic logic same_vmid = entries[i].vmid == inval_vmid;
      automatic logic same_asid = entries[i].asid == inval_asid;
      automatic logic same_leaf = (entries[i].key.page ^ inval_page) >> (entries[i].leaf_log2 - 6'd12) == 0;
      case (inval_kind)
        KIND_ALL: goes[i] = 1'b1;
        KIND_SID: goes[i] = entries[i].key.sid == inval_sid;
        KIND_VMID: goes[i] = same_vmid;
        KIND_ASID: goes[i] = same_vmid && same_asid && !entries[i].any_asid;
        KIND_VA: goes[i] = same_vmid && (same_asid || entries[i].any_asid) && same_leaf;
        default: goes[i] = 1'b0;
      endcase
    end
  end

  always_ff @(posedge clk) begin
    if (!rst_n) begin
      valid <= '0;
      oldest <= '0;
    end else begin
      if (inval_valid) valid <= valid & ~goes;
      if (fill_valid) begin
        valid[fill_entry] <= 1'b1;
        entries[fill_entry] <= filled;
        if (fill_entry == oldest) oldest <= oldest == INDEX_BITS'(ENTRIES - 1) ? '0 : oldest + 1'b1;
      end
    end
  end

  // Two entries for one question would be or'ed.
  assert property (@(posedge clk) disable iff (!rst_n) $onehot0(matched));
endmodule

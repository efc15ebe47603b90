// SPDX-License-Identifier: Apache-2.0
// What software does around the micro TLB: memory with tables, an SMMU that is brought up, changes of
// tables with the commands that they need. Structures are written by hand (IHI 0070 4.3, 4.4, 5.2, 5.4;
// DDI 0487 D8.3).
//
// Two virtual machines have two address spaces each, and a stage 2; streams of a machine reach both
// spaces by SubstreamIDs. An address space has eight pages of 4 KiB, of which two are global, and a block
// of 2 MiB. ASIDs are the same in both machines.
package world_pkg;
  import smmu_pkg::*;

  localparam int STREAMS = 8, VMS = 2, SPACES = 2, PAGES = 8, GLOBAL_PAGES = 2, RECENT = 16;
  localparam longint unsigned STRTAB = 64'h1000, CMDQ = 64'h1_0000, CDS = 64'h3_0000, STAGE1 = 64'h4_0000,
                              STAGE2 = 64'h8_0000, DATA = 64'h4000_0000, BLOCK = 64'h20_0000;
  localparam int CMDQ_LOG2 = 8;

  typedef enum bit [2:0] {INVAL_ALL, INVAL_SID, INVAL_VMID, INVAL_ASID, INVAL_VA} inval_kind_e;

  // What the micro TLB is told to drop.
  typedef struct packed {
    inval_kind_e kind;
    bit [7:0] sid;
    bit [15:0] vmid;
    bit [15:0] asid;
    bit [51:0] page;
  } invalidation_t;

  class world extends smmu_host;
    smmu_model model;
    string last_command = "none";
    protected bit [31:0] words[longint unsigned];
    protected longint unsigned state;
    protected int unsigned prod = 0;
    protected smmu_txn_t recent[RECENT];

    // --- memory -----------------------------------------------------------------------------------

    virtual function bit read(input smmu_access_t access, output smmu_data_t data);
      data = '0;
      for (int i = 0; i < int'(access.bytes) / 4; i++)
        if (words.exists(access.addr + longint'(4 * i)) != 0)
          data[32*i+:32] = words[access.addr+longint'(4*i)];
      return 1;
    endfunction

    virtual function bit write(input smmu_access_t access, input smmu_data_t data);
      for (int i = 0; i < int'(access.bytes) / 4; i++)
        words[access.addr+longint'(4*i)] = data[32*i+:32];
      return 1;
    endfunction

    function void store(input longint unsigned addr, input longint unsigned value);
      words[addr] = value[31:0];
      words[addr+4] = value[63:32];
    endfunction

    // --- numbers by chance: xorshift, the same in every simulator -----------------------------------

    function int random(input int below);
      state = state ^ (state << 13);
      state = state ^ (state >> 7);
      state = state ^ (state << 17);
      return int'(state[62:20] % longint'(below));
    endfunction

    // --- tables -----------------------------------------------------------------------------------

    function longint unsigned asid_of(input int space);
      return 64'(5 + space);
    endfunction

    function longint unsigned vmid_of(input int vm);
      return 64'(3 + vm);
    endfunction

    // Tables of levels 1, 2 and 3 of an address space; of levels 1 and 2 of stage 2.
    function longint unsigned stage1_table(input int vm, input int space, input int level);
      return STAGE1 + 64'(((vm * SPACES + space) * 4 + level) * 'h1000);
    endfunction

    function longint unsigned stage2_table(input int vm, input int level);
      return STAGE2 + 64'((vm * 4 + level) * 'h1000);
    endfunction

    // A Block or Page descriptor with an address, a type of memory, and rights, by chance; sometimes
    // there is none.
    function longint unsigned any_leaf(input bit page, input bit any_asid);
      longint unsigned address = DATA + 64'(random(4)) * BLOCK + (page ? 64'(random(512)) << 12 : 0);
      longint unsigned attributes = 64'h701 | (page ? 64'h2 : 0) | (any_asid ? 0 : 64'h800);
      if (random(8) == 0) return 0;
      return address | attributes | (random(4) == 0 ? 64'hc0 : 64'h40) | 64'(random(2) << 2);
    endfunction

    function void change_page(input int vm, input int space, input int index);
      longint unsigned leaf = any_leaf(1, index < GLOBAL_PAGES);
      store(stage1_table(vm, space, 3) + 64'(8 * index), leaf);
      if (index < GLOBAL_PAGES) store(stage1_table(vm, 1 - space, 3) + 64'(8 * index), leaf);
    endfunction

    function void change_block(input int vm, input int space);
      store(stage1_table(vm, space, 2) + 8, any_leaf(0, 0));
    endfunction

    function void change_stage2(input int vm);
      store(stage2_table(vm, 2) + 64'(8 * random(4)),
            64'h8000_0000 + (64'(vm) << 28) + 64'(random(64)) * BLOCK | 64'h7fd);
    endfunction

    // STE and CDs: both stages, four CDs. Transactions without SubstreamID go by CD 0, which no other ones
    // may then; of the second half of the streams they pass stage 1, and SubstreamID 0 is one like others.
    function void place_stream(input int stream, input int vm);
      longint unsigned ste = STRTAB + 64'(64 * stream);
      longint unsigned cds = CDS + 64'('h100 * stream);
      store(ste, 64'h1000_0000_0000_000f | cds);
      store(ste + 8, 64'h0000_1000_0000_00d4 | (stream < STREAMS / 2 ? 2 : 1)); // S1DSS
      store(ste + 16, 64'h040a_3559_0000_0000 | vmid_of(vm));
      store(ste + 24, stage2_table(vm, 1));
      for (int i = 0; i < 4; i++) begin
        store(cds + 64'(64 * i), 64'h6202_c000_3519 | asid_of((stream + i) % SPACES) << 48);
        store(cds + 64'(64 * i + 8), stage1_table(vm, (stream + i) % SPACES, 1));
        store(cds + 64'(64 * i + 24), 64'h44ff);
      end
    endfunction

    function void bring_up(input int unsigned seed);
      smmu_host me = this;
      invalidation_t ignored;
      for (int i = 0; i < RECENT; i++) recent[i] = smmu_transaction(0, 0);
      state = {32'h9e37_79b9, seed} ^ 64'h1234_5678_0000_0000;
      model = new;
      void'(model.create(me, "preset=typical,sid_bits=8,utlb=4x2"));
      for (int vm = 0; vm < VMS; vm++) begin
        for (int space = 0; space < SPACES; space++) begin
          store(stage1_table(vm, space, 1), stage1_table(vm, space, 2) | 3);
          store(stage1_table(vm, space, 2), stage1_table(vm, space, 3) | 3);
        end
        store(stage2_table(vm, 1), 64'h7fd); // tables are where the machine sees them
        store(stage2_table(vm, 1) + 8, stage2_table(vm, 2) | 3);
        for (int i = 0; i < 4; i++)
          store(stage2_table(vm, 2) + 64'(8 * i),
                64'h8000_0000 + (64'(vm) << 28) + 64'(i) * BLOCK | 64'h7fd);
      end
      for (int i = 0; i < 200; i++) change_address(0, ignored);
      for (int i = 0; i < STREAMS; i++) place_stream(i, i % VMS);
      void'(model.write64('h80, STRTAB));
      void'(model.write32('h88, 3));
      void'(model.write64('h90, CMDQ | 64'(CMDQ_LOG2)));
      void'(model.write32('h20, 'h9)); // CMDQEN, SMMUEN
      void'(model.run());
    endfunction

    // --- what software does -------------------------------------------------------------------------

    // An access to a page, mostly one that was accessed lately. (Here and below an output, as Verilator
    // 5.006 has no methods that return more than 64 bits.)
    function void any_transaction(output smmu_txn_t txn);
      int place = random(RECENT);
      if (random(4) == 0) any_page(recent[place]);
      txn = recent[place];
      txn.addr |= 64'(random(512) * 8);
      txn.write = random(2);
    endfunction

    // A page as any stream sees it.
    protected function void any_page(output smmu_txn_t txn);
      int index = random(2 * PAGES);
      txn = smmu_transaction(random(STREAMS),
                             64'(index % PAGES) << 12 | (index < PAGES ? 0 : BLOCK));
      if (random(2) == 0) begin
        txn.ssv = 1;
        txn.ssid = random(4);
      end
    endfunction

    // Changes a page or the block of an address space, mostly, and says what has to go then: an address.
    function void change_address(input int first_page, output invalidation_t what);
      int vm = random(VMS);
      int space = random(SPACES);
      int index = first_page + random(2 * PAGES - first_page);
      what = '0;
      what.kind = INVAL_VA;
      what.vmid = 16'(vmid_of(vm));
      what.asid = 16'(asid_of(space));
      what.page = index < PAGES ? 52'(index) : 52'(BLOCK >> 12) + 52'(index - PAGES);
      if (random(4) == 0) return;
      if (index < PAGES) change_page(vm, space, index);
      else change_block(vm, space);
    endfunction

    // Changes something of any kind, likewise. What is global goes by address.
    function void any_change(output invalidation_t what);
      int kind = random(12);
      int index = random(VMS);
      if (kind == 0) begin
        change_address(0, what);
        what.kind = INVAL_ALL;
        change_stage2(index);
      end else if (kind == 1) begin
        what = '0;
        what.kind = INVAL_VMID;
        what.vmid = 16'(vmid_of(index));
        change_stage2(index);
      end else if (kind == 2) begin
        change_address(GLOBAL_PAGES, what);
        what.kind = INVAL_ASID;
      end else if (kind == 3) begin
        what = '0;
        what.kind = INVAL_SID;
        what.sid = 8'(random(STREAMS));
        place_stream(int'(what.sid), index);
      end else change_address(0, what);
    endfunction

    // Has the SMMU do the same.
    function void command(input invalidation_t what);
      longint unsigned low = 64'(what.vmid) << 32;
      longint unsigned high = 0;
      case (what.kind)
        INVAL_ALL: begin
          last_command = "CMD_TLBI_NSNH_ALL";
          low = 64'h30;
        end
        INVAL_VMID: begin
          last_command = $sformatf("CMD_TLBI_S12_VMALL of VMID %0d", what.vmid);
          low |= 64'h28;
        end
        INVAL_ASID: begin
          last_command = $sformatf("CMD_TLBI_NH_ASID of VMID %0d, ASID %0d", what.vmid, what.asid);
          low |= 64'h11 | 64'(what.asid) << 48;
        end
        INVAL_VA: begin
          last_command = $sformatf("CMD_TLBI_NH_VA of VMID %0d, ASID %0d, address 0x%0h", what.vmid,
                                   what.asid, 64'(what.page) << 12);
          low |= 64'h12 | 64'(what.asid) << 48;
          high = 64'(what.page) << 12;
        end
        default: begin
          last_command = $sformatf("CMD_CFGI_STE of stream %0d", what.sid);
          low = 64'h3 | 64'(what.sid) << 32;
        end
      endcase
      store(CMDQ + 64'(16 * (prod % (1 << CMDQ_LOG2))), low);
      store(CMDQ + 64'(16 * (prod % (1 << CMDQ_LOG2)) + 8), high);
      prod = (prod + 1) % (2 << CMDQ_LOG2);
      void'(model.write32('h98, prod));
      void'(model.run());
    endfunction
  endclass
endpackage

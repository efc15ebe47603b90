// SPDX-License-Identifier: Apache-2.0
// A DMA engine: copies memory to memory through AXI, in bursts of 64 bytes of which several are under way.
// It is programmed by AXI4-Lite; docs/rtl.md lists its registers.
//
// A burst has a slot from its read to the response to its write. Reads are issued in the order of
// addresses and may come back in any; writes are issued in the order of slots, which is the same.
module rtl_dma #(
  parameter int SLOTS_LOG2 = 2,
  localparam int SLOTS = 1 << SLOTS_LOG2
) (
  input logic clk,
  input logic rst_n,

  // Registers.
  input logic s_AWVALID,
  output logic s_AWREADY,
  input logic [11:0] s_AWADDR,
  /* verilator lint_off UNUSEDSIGNAL */
  input logic [2:0] s_AWPROT,
  /* verilator lint_on UNUSEDSIGNAL */
  input logic s_WVALID,
  output logic s_WREADY,
  input logic [31:0] s_WDATA,
  input logic [3:0] s_WSTRB,
  output logic s_BVALID,
  input logic s_BREADY,
  output logic [1:0] s_BRESP,
  input logic s_ARVALID,
  output logic s_ARREADY,
  input logic [11:0] s_ARADDR,
  /* verilator lint_off UNUSEDSIGNAL */
  input logic [2:0] s_ARPROT,
  /* verilator lint_on UNUSEDSIGNAL */
  output logic s_RVALID,
  input logic s_RREADY,
  output logic [31:0] s_RDATA,
  output logic [1:0] s_RRESP,

  // Memory.
  output logic m_AWVALID,
  input logic m_AWREADY,
  output logic [SLOTS_LOG2-1:0] m_AWID,
  output logic [63:0] m_AWADDR,
  output logic [7:0] m_AWLEN,
  output logic [2:0] m_AWSIZE,
  output logic [1:0] m_AWBURST,
  output logic [3:0] m_AWCACHE,
  output logic [2:0] m_AWPROT,
  output logic m_AWMMUVALID,
  output logic [15:0] m_AWMMUSID,
  output logic m_WVALID,
  input logic m_WREADY,
  output logic [63:0] m_WDATA,
  output logic [7:0] m_WSTRB,
  output logic m_WLAST,
  input logic m_BVALID,
  output logic m_BREADY,
  input logic [SLOTS_LOG2-1:0] m_BID,
  input logic [2:0] m_BRESP,
  output logic m_ARVALID,
  input logic m_ARREADY,
  output logic [SLOTS_LOG2-1:0] m_ARID,
  output logic [63:0] m_ARADDR,
  output logic [7:0] m_ARLEN,
  output logic [2:0] m_ARSIZE,
  output logic [1:0] m_ARBURST,
  output logic [3:0] m_ARCACHE,
  output logic [2:0] m_ARPROT,
  output logic m_ARMMUVALID,
  output logic [15:0] m_ARMMUSID,
  input logic m_RVALID,
  output logic m_RREADY,
  input logic [SLOTS_LOG2-1:0] m_RID,
  input logic [63:0] m_RDATA,
  input logic [2:0] m_RRESP,
  input logic m_RLAST,

  output logic irq,
  output logic busy
);
  localparam bit [31:0] ID_VALUE = 32'h4c54_5252; // "RRTL"
  localparam bit [2:0] OKAY = 0;
  localparam bit [3:0] WRITE_BACK = 4'b1111; // AxCACHE: Normal, Write-Back, allocating
  localparam bit [2:0] NON_SECURE = 3'b010; // AxPROT: unprivileged data
  localparam int BEATS = 8, BURST_BYTES = 64;

  typedef logic [SLOTS_LOG2-1:0] slot_t;
  typedef enum logic [2:0] {FREE, READING, READ, WRITING, WRITTEN} state_e;

  // --- registers ----------------------------------------------------------------------------------

  logic [63:0] source, destination, fault;
  logic [31:0] length, moved;
  logic [15:0] sid;
  logic irq_enable, running, done, error, malformed;
  logic write_error; // the access that failed was a write

  logic reg_write;
  logic start;

  assign reg_write = s_AWVALID && s_WVALID && !s_BVALID;
  assign s_AWREADY = reg_write;
  assign s_WREADY = reg_write;
  assign s_BRESP = '0;
  assign s_ARREADY = !s_RVALID;
  assign s_RRESP = '0;
  assign start = reg_write && s_AWADDR == 12'h008 && s_WSTRB[0] && s_WDATA[0] && !running;

  function automatic logic [31:0] merged(logic [31:0] old);
    for (int i = 0; i < 4; i++) merged[8*i+:8] = s_WSTRB[i] ? s_WDATA[8*i+:8] : old[8*i+:8];
  endfunction

  function automatic logic [31:0] read_register(logic [11:0] address);
    case (address)
      12'h000: return ID_VALUE;
      12'h004: return {16'd0, 8'(BURST_BYTES), 8'(SLOTS)};
      12'h008: return {30'd0, irq_enable, 1'b0};
      12'h00c: return {27'd0, write_error, malformed, error && !running, done, running};
      12'h010: return {16'd0, sid};
      12'h014: return length;
      12'h018: return source[31:0];
      12'h01c: return source[63:32];
      12'h020: return destination[31:0];
      12'h024: return destination[63:32];
      12'h028: return fault[31:0];
      12'h02c: return fault[63:32];
      12'h030: return moved;
      default: return '0;
    endcase
  endfunction

  always_ff @(posedge clk) begin
    if (!rst_n) begin
      s_BVALID <= 1'b0;
      s_RVALID <= 1'b0;
      {source, destination, length, sid, irq_enable} <= '0;
    end else begin
      if (s_BREADY) s_BVALID <= 1'b0;
      if (s_RREADY) s_RVALID <= 1'b0;
      if (s_ARVALID && s_ARREADY) begin
        s_RVALID <= 1'b1;
        s_RDATA <= read_register(s_ARADDR);
      end
      if (reg_write) begin
        s_BVALID <= 1'b1;
        case (s_AWADDR)
          12'h008: if (s_WSTRB[0]) irq_enable <= s_WDATA[1];
          12'h010: sid <= 16'(merged({16'd0, sid}));
          12'h014: length <= merged(length);
          12'h018: source[31:0] <= merged(source[31:0]);
          12'h01c: source[63:32] <= merged(source[63:32]);
          12'h020: destination[31:0] <= merged(destination[31:0]);
          12'h024: destination[63:32] <= merged(destination[63:32]);
          default: ;
        endcase
      end
    end
  end

  // --- a copy -------------------------------------------------------------------------------------
  // What is programmed is copied at the start: software may prepare the next one.

  logic [63:0] next_source, next_destination;
  logic [31:0] left; // bytes whose read has not been issued
  logic [15:0] stream;

  state_e state[SLOTS];
  logic [63:0] from[SLOTS], to[SLOTS];
  logic [2:0] filled[SLOTS]; // beats that have been read
  logic failed[SLOTS];       // a beat of it has come with an error
  logic [63:0] buffer[SLOTS*BEATS];

  slot_t read_slot, write_slot, back_slot, done_slot;
  logic [2:0] write_beat;
  logic address_sent;
  logic all_free;

  assign back_slot = m_RID;
  assign done_slot = m_BID;

  always_comb begin
    all_free = 1'b1;
    for (int i = 0; i < SLOTS; i++) if (state[i] != FREE) all_free = 1'b0;
  end

  // Reads: the next slot in turn, while nothing has failed.
  assign m_ARID = read_slot;
  assign m_ARLEN = 8'(BEATS - 1);
  assign m_ARSIZE = 3'd3;
  assign m_ARBURST = 2'b01;
  assign m_ARCACHE = WRITE_BACK;
  assign m_ARPROT = NON_SECURE;
  assign m_ARMMUVALID = 1'b1;
  assign m_ARMMUSID = stream;
  assign m_RREADY = 1'b1;

  // Writes: the next slot in turn, its address and then its data.
  assign m_AWVALID = state[write_slot] == WRITING && !address_sent;
  assign m_AWID = write_slot;
  assign m_AWADDR = to[write_slot];
  assign m_AWLEN = 8'(BEATS - 1);
  assign m_AWSIZE = 3'd3;
  assign m_AWBURST = 2'b01;
  assign m_AWCACHE = WRITE_BACK;
  assign m_AWPROT = NON_SECURE;
  assign m_AWMMUVALID = 1'b1;
  assign m_AWMMUSID = stream;
  assign m_WVALID = state[write_slot] == WRITING && address_sent;
  assign m_WDATA = buffer[{write_slot, write_beat}];
  assign m_WSTRB = '1;
  assign m_WLAST = write_beat == 3'(BEATS - 1);
  assign m_BREADY = 1'b1;

  assign irq = irq_enable && !running && (done || error);
  assign busy = running || s_BVALID || s_RVALID;

  // The first failure in time is the one that is told.
  task automatic fail(logic [63:0] address, logic of_write);
    error <= 1'b1;
    if (!error) begin
      fault <= address;
      write_error <= of_write;
    end
  endtask

  always_ff @(posedge clk) begin
    if (!rst_n) begin
      {running, done, error, malformed, write_error} <= '0;
      {next_source, next_destination, left, stream, fault, moved} <= '0;
      {read_slot, write_slot, write_beat, address_sent} <= '0;
      m_ARVALID <= 1'b0;
      for (int i = 0; i < SLOTS; i++) state[i] <= FREE;
    end else begin
      if (reg_write && s_AWADDR == 12'h00c && s_WSTRB[0]) begin
        if (s_WDATA[1]) done <= 1'b0;
        if (s_WDATA[2]) error <= 1'b0;
      end

      if (start) begin
        {done, error, write_error, fault, moved} <= '0;
        malformed <= (source[5:0] | destination[5:0] | length[5:0]) != '0 || length == '0;
        if ((source[5:0] | destination[5:0] | length[5:0]) != '0 || length == '0) error <= 1'b1;
        else begin
          running <= 1'b1;
          {next_source, next_destination, left, stream} <= {source, destination, length, sid};
        end
      end else if (running && all_free && !m_ARVALID && (left == '0 || error)) begin
        running <= 1'b0;
        done <= !error;
      end

      // Issue a read.
      if (m_ARVALID && m_ARREADY) begin
        m_ARVALID <= 1'b0;
        read_slot <= read_slot + 1'b1;
      end else if (!m_ARVALID && running && left != '0 && !error && state[read_slot] == FREE) begin
        m_ARVALID <= 1'b1;
        m_ARADDR <= next_source;
        state[read_slot] <= READING;
        from[read_slot] <= next_source;
        to[read_slot] <= next_destination;
        filled[read_slot] <= '0;
        failed[read_slot] <= 1'b0;
        next_source <= next_source + 64'(BURST_BYTES);
        next_destination <= next_destination + 64'(BURST_BYTES);
        left <= left - 32'(BURST_BYTES);
      end

      // Data come back.
      if (m_RVALID) begin
        buffer[{back_slot, filled[back_slot]}] <= m_RDATA;
        filled[back_slot] <= filled[back_slot] + 1'b1;
        if (m_RRESP != OKAY) begin
          failed[back_slot] <= 1'b1;
          fail(from[back_slot], 1'b0);
        end
        if (m_RLAST) state[back_slot] <= READ;
      end

      // A slot that has been read is written in its turn, if it has been read well.
      if (state[write_slot] == READ) begin
        if (failed[write_slot]) begin
          state[write_slot] <= FREE;
          write_slot <= write_slot + 1'b1;
        end else state[write_slot] <= WRITING;
      end
      if (m_AWVALID && m_AWREADY) address_sent <= 1'b1;
      if (m_WVALID && m_WREADY) begin
        write_beat <= write_beat + 1'b1;
        if (m_WLAST) begin
          address_sent <= 1'b0;
          state[write_slot] <= WRITTEN;
          write_slot <= write_slot + 1'b1;
        end
      end

      // It is there.
      if (m_BVALID) begin
        state[done_slot] <= FREE;
        if (m_BRESP != OKAY) fail(to[done_slot], 1'b1);
        else moved <= moved + 32'(BURST_BYTES);
      end
    end
  end
endmodule

// SPDX-License-Identifier: Apache-2.0
// An EFI application: prints the command line it was started with and a line of its own. It ends with
// EFI_ABORTED if there is a "!" in the command line, otherwise with EFI_SUCCESS. Headers are those of the PE
// format, offsets those of UEFI 2.10: 4.3 (EFI_SYSTEM_TABLE), 4.4 (EFI_BOOT_SERVICES), 9.1
// (EFI_LOADED_IMAGE_PROTOCOL), 12.4 (EFI_SIMPLE_TEXT_OUTPUT_PROTOCOL).

	.set	PAGE, 0x1000
	.set	CON_OUT, 64		// of the system table
	.set	BOOT_SERVICES, 96
	.set	HANDLE_PROTOCOL, 152	// of the boot services
	.set	LOAD_OPTIONS, 56	// of the loaded image
	.set	OUTPUT_STRING, 8	// of the console

	.text
image:
	.ascii	"MZ"
	.zero	58
	.long	header - image
header:
	.ascii	"PE\0\0"
	.short	0xaa64			// AArch64
	.short	1			// sections
	.zero	12
	.short	sections - optional
	.short	0x0206			// executable, without line numbers and symbols
optional:
	.short	0x20b			// PE32+
	.short	0
	.long	end - start
	.zero	8
	.long	start - image		// entry
	.long	start - image
	.quad	0			// base
	.long	PAGE, PAGE		// alignment in memory and in the file
	.zero	16
	.long	end - image, start - image
	.long	0
	.short	10, 0			// EFI application
	.zero	36
	.long	6			// directories, all empty
	.zero	6 * 8
sections:
	.ascii	".text\0\0\0"
	.long	end - start, start - image
	.long	end - start, start - image
	.zero	12
	.long	0x60000020		// code, executed and read

	.balign	PAGE
start:
	stp	x29, x30, [sp, #-48]!
	stp	x19, x20, [sp, #16]
	ldr	x19, [x1, #CON_OUT]
	ldr	x2, [x1, #BOOT_SERVICES]
	ldr	x3, [x2, #HANDLE_PROTOCOL]
	adr	x1, loaded_image
	add	x2, sp, #32
	blr	x3
	ldr	x2, [sp, #32]
	ldr	x20, [x2, #LOAD_OPTIONS]

	mov	x1, x20
	bl	print
	adr	x1, own_line
	bl	print

	mov	x0, #0
1:	ldrh	w2, [x20], #2
	cbz	w2, 2f
	cmp	w2, #'!'
	b.ne	1b
	mov	x0, #21			// EFI_ABORTED
	orr	x0, x0, #0x8000000000000000
2:	ldp	x19, x20, [sp, #16]
	ldp	x29, x30, [sp], #48
	ret

print:					// the text at x1
	mov	x0, x19
	ldr	x2, [x0, #OUTPUT_STRING]
	br	x2

	.balign	8
loaded_image:				// EFI_LOADED_IMAGE_PROTOCOL_GUID
	.long	0x5b1b31a1
	.short	0x9562, 0x11d2
	.byte	0x8e, 0x3f, 0x00, 0xa0, 0xc9, 0x69, 0x72, 0x3b
own_line:
	.string16 " says the application\r\n"
	.balign	PAGE
end:

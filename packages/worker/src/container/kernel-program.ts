/**
 * The smallest program that tells in which sandbox it runs: a Linux ELF file that writes the kernel's release (63
 * characters at most, filled with zeros, then a newline) to standard output and exits with 0. Needs nothing else in its image.
 */
export function kernelProgram(arch: string): Uint8Array | undefined {
  if (arch !== 'x64') return undefined;
  return Buffer.concat([elfHeader(), programHeader(X64.length), X64]);
}

const HEADERS_BYTES = 64 + 56;
const BASE = 0x400000;

const X64 = Buffer.from(
  [
    '4881ec00020000', // sub rsp, 512
    '4889e7', // mov rdi, rsp
    'b83f000000', // mov eax, 63 (uname)
    '0f05', // syscall
    'c68424c10000000a', // mov byte [rsp + 193], '\\n': engines keep whole lines
    'bf01000000', // mov edi, 1
    '488db42482000000', // lea rsi, [rsp + 130]: field `release`, the third of 65 bytes
    'ba40000000', // mov edx, 64
    'b801000000', // mov eax, 1 (write)
    '0f05', // syscall
    '31ff', // xor edi, edi
    'b83c000000', // mov eax, 60 (exit)
    '0f05', // syscall
  ].join(''),
  'hex',
);

/** ELF-64, little endian, executable for x86-64, one program header. */
function elfHeader(): Buffer {
  const header = Buffer.alloc(64);
  header.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  header.writeUInt16LE(2, 16);
  header.writeUInt16LE(62, 18);
  header.writeUInt32LE(1, 20);
  header.writeBigUInt64LE(BigInt(BASE + HEADERS_BYTES), 24);
  header.writeBigUInt64LE(64n, 32);
  header.writeUInt16LE(64, 52);
  header.writeUInt16LE(56, 54);
  header.writeUInt16LE(1, 56);
  return header;
}

/** Loads the whole file at BASE, to be read and executed. */
function programHeader(codeBytes: number): Buffer {
  const header = Buffer.alloc(56);
  const fileBytes = BigInt(HEADERS_BYTES + codeBytes);
  header.writeUInt32LE(1, 0);
  header.writeUInt32LE(5, 4);
  header.writeBigUInt64LE(BigInt(BASE), 16);
  header.writeBigUInt64LE(BigInt(BASE), 24);
  header.writeBigUInt64LE(fileBytes, 32);
  header.writeBigUInt64LE(fileBytes, 40);
  header.writeBigUInt64LE(0x1000n, 48);
  return header;
}

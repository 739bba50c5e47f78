/** A tar of a few files in memory (path -> bytes), each with mode 755, time 0, owned by nobody in particular. */
export async function tarOf(files: ReadonlyMap<string, Uint8Array>): Promise<Uint8Array> {
  const { Header } = await import('tar');
  const blocks: Uint8Array[] = [];
  for (const [path, bytes] of files) {
    const block = Buffer.alloc(512);
    new Header({ path, mode: 0o755, size: bytes.length, type: 'File', mtime: new Date(0) }).encode(block);
    blocks.push(block, bytes, new Uint8Array((512 - (bytes.length % 512)) % 512));
  }
  return Buffer.concat([...blocks, new Uint8Array(1024)]);
}

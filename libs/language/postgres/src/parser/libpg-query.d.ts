/** The bare wasm factory beneath the package's door: one call makes one independent instance. */
declare module 'libpg-query/wasm/libpg-query.js' {
  export interface ParserModule {
    lengthBytesUTF8(text: string): number;
    stringToUTF8(text: string, pointer: number, bytes: number): void;
    UTF8ToString(pointer: number): string;
    readonly HEAPU8: Uint8Array;
    getValue(pointer: number, type: 'i32'): number;
    _malloc(bytes: number): number;
    _free(pointer: number): void;
    _wasm_parse_query_raw(text: number): number;
    _wasm_free_parse_result(result: number): void;
    _wasm_scan(text: number): number;
    _wasm_free_string(pointer: number): void;
  }
  const createParser: () => Promise<ParserModule>;
  export default createParser;
}

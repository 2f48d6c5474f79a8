// Token numbers as they come, in memory that doubles: an array of 10^8 numbers would take eight bytes for each.

export class IdList {
  #ids = new Int32Array(1024);
  #length = 0;

  push(id: number): void {
    if (this.#length === this.#ids.length) {
      const grown = new Int32Array(2 * this.#length);
      grown.set(this.#ids);
      this.#ids = grown;
    }
    this.#ids[this.#length++] = id;
  }

  toArray(): Int32Array<ArrayBuffer> {
    return this.#ids.slice(0, this.#length);
  }
}

// Who may run when there is not room for all at once: the first in the order, of those that are
// ready. Whoever needs more room than is free keeps the others waiting, too.

export class Turns {
  /** @type {{ place: number, size: number, go: () => void }[]} */
  #waiting = [];
  #free;

  /** @param {number} room */
  constructor(room) {
    this.room = room;
    this.#free = room;
  }

  /**
   * Does its work when it is its turn.
   * @template T
   * @param {number} place in the order
   * @param {number} size how much of the room it takes
   * @param {() => Promise<T>} work
   * @returns {Promise<T>}
   */
  async take(place, size, work) {
    await new Promise((resolve) => {
      this.#waiting.push({ place, size, go: () => resolve(undefined) });
      this.#waiting.sort((one, other) => one.place - other.place);
      this.#next();
    });
    try {
      return await work();
    } finally {
      this.#free += size;
      this.#next();
    }
  }

  #next() {
    while (this.#waiting.length > 0 && this.#waiting[0].size <= this.#free) {
      const { size, go } = /** @type {(typeof this.#waiting)[number]} */ (this.#waiting.shift());
      this.#free -= size;
      go();
    }
  }
}

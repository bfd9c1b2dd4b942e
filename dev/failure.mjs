// A failure that the person at the terminal can act on: one line that says what to do, and perhaps
// the output that led to it. Any other exception is a bug in dev/ and is shown with its stack.

export class Failure extends Error {
  /**
   * @param {string} message one line: what is wrong and what to do about it
   * @param {string[]} [output] last lines printed by the program that failed
   */
  constructor(message, output = []) {
    super(message);
    this.name = "Failure";
    this.output = output;
  }
}

/** Error numbers of WASI preview 1, and how a host function leaves with one. */

export const errno = {
  success: 0,
  badf: 8,
  fault: 21,
  inval: 28,
  io: 29,
  notdir: 54,
  notsock: 57,
  notsup: 58,
  pipe: 64,
  spipe: 70,
  notcapable: 76,
} as const;

/** Thrown inside a host function to make it return an error number. It carries no stack: it is no bug. */
export class WasiError {
  readonly errno: number;

  constructor(code: number) {
    this.errno = code;
  }
}

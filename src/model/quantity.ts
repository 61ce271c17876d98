/** Kubernetes quantities, as resource requirements are written. Pure. */

const memoryUnits: Readonly<Record<string, number>> = {
  "": 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

/** Thousandths of a core in `2000m`, `2`, `0.5`; undefined where the text is no CPU quantity. */
export function cpuMillis(quantity: string | number): number | undefined {
  const [, number, milli] = /^(\d{1,9}(?:\.\d{1,6})?)(m?)$/.exec(String(quantity)) ?? [];
  if (number === undefined) return undefined;
  return Math.ceil(milli === "m" ? Number(number) : Number(number) * 1_000);
}

/** Bytes in `4Gi`, `512M`, `64MiB`, `1048576`; undefined where the text is no memory quantity. */
export function memoryBytes(quantity: string | number): number | undefined {
  const [, number, unit = ""] = /^(\d{1,15}(?:\.\d{1,6})?)([kMGT]|[KMGT]i)?B?$/.exec(String(quantity)) ?? [];
  const factor = memoryUnits[unit];
  if (number === undefined || factor === undefined) return undefined;
  const bytes = Math.ceil(Number(number) * factor);
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

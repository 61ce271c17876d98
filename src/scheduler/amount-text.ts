/** Amounts as Kubernetes quantities, for people. */

const units = ["Ti", "Gi", "Mi", "Ki"] as const;

/** `4Gi`, `1.5Gi`, `100` */
export function memoryText(bytes: number): string {
  for (const [index, unit] of units.entries()) {
    const size = 1_024 ** (units.length - index);
    if (bytes >= size) return `${round(bytes / size)}${unit}`;
  }
  return String(bytes);
}

/** `2`, `500m` */
export function cpuText(millis: number): string {
  return millis % 1_000 === 0 ? String(millis / 1_000) : `${millis}m`;
}

function round(value: number): string {
  return String(Math.floor(value * 100) / 100);
}

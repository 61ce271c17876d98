/** Which port something of `prop dev` listens on. */
import { PropError } from "../errors.ts";

export interface PortChoice {
  /** What the user said: taken, it is an error. */
  asked: number | undefined;
  /** Tried where nothing was asked for: taken, it gives way to a free one. */
  usual: number;
}

/**
 * Starts what listens on a port.
 * @param onMoved told where the usual port gave way
 * @throws PropError `PORT_TAKEN` where the port that was asked for is
 */
export async function listenOn<T extends { port: number }>(
  { asked, usual }: PortChoice,
  start: (port: number) => Promise<T>,
  onMoved: (from: number, to: number) => void,
): Promise<T> {
  if (asked !== undefined) return await start(asked);
  try {
    return await start(usual);
  } catch (error) {
    if (!(error instanceof PropError) || error.code !== "PORT_TAKEN") throw error;
    const started = await start(0);
    onMoved(usual, started.port);
    return started;
  }
}

/** `GET /proplets/{id}/sdf`: a proplet in the Semantic Definition Format (RFC 9880). */
import Type from "typebox";
import type { App, RouteDeps } from "../app.ts";
import { reading } from "../auth.ts";
import { PropletParams } from "../params.ts";
import { presentSdf } from "../present-sdf.ts";

const SdfDocument = Type.Object({ info: Type.Unknown(), sdfThing: Type.Unknown() });

export function addSdfRoute(app: App, { manager: { proplets } }: RouteDeps): void {
  app.get(
    "/proplets/:id/sdf",
    { ...reading, schema: { params: PropletParams, response: { 200: SdfDocument } } },
    async ({ params }) => presentSdf(await proplets.get(params.id)),
  );
}

/** `PUT /proplets/{id}` [E]: says what a proplet is, whether it was heard yet or not. */
import type { App, RouteDeps } from "../app.ts";
import { administering } from "../auth.ts";
import { DeclaredParams } from "../params.ts";
import { presentProplet } from "../present-proplet.ts";
import { WireDeclaration, WireProplet } from "../wire.ts";

export function addDeclareRoute(app: App, { manager: { proplets } }: RouteDeps): void {
  app.put(
    "/proplets/:id",
    {
      ...administering,
      schema: { params: DeclaredParams, body: WireDeclaration, response: { 200: WireProplet } },
    },
    async ({ params, body: { device_type, capabilities, tags } }) => {
      const declared = await proplets.declare(params.id, {
        ...(device_type === undefined ? {} : { device_type }),
        ...(capabilities === undefined ? {} : { capabilities }),
        ...(tags === undefined ? {} : { tags }),
      });
      return presentProplet(declared, proplets.taskCount(params.id));
    },
  );
}

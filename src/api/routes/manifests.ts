/** `/manifests` [E]: objects by the manifests that make them, the same as on a Kubernetes cluster. */
import Type, { type TSchema } from "typebox";
import { PropError } from "../../errors.ts";
import { checkManifest } from "../../model/manifest/check-manifest.ts";
import type { Problem } from "../../model/manifest/check-schema.ts";
import { type Kind, kindSchemas, kinds, type Manifest, pluralOf } from "../../model/manifest/kinds.ts";
import { pathText } from "../../model/manifest/path-text.ts";
import { DEFAULT_NAMESPACE } from "../../model/manifest/resource.ts";
import type { Scope } from "../../model/token.ts";
import type { App, RouteDeps } from "../app.ts";
import { administering, deploying, reading } from "../auth.ts";
import { MODULE_BODY_BYTES } from "../limits.ts";
import { PageQuery, pageOf } from "../paging.ts";
import { ResourcePage, WireApplied, WireResource } from "../wire-manifests.ts";

const ManifestParams = Type.Object({
  namespace: Type.String({ minLength: 1 }),
  name: Type.String({ minLength: 1 }),
});
const DryRunQuery = Type.Object({
  dryRun: Type.Optional(Type.Boolean({ description: "tell what would change, and change nothing" })),
});

export function addManifestRoutes(app: App, dependencies: RouteDeps): void {
  for (const kind of kinds) addRoutesOf(kind, app, dependencies);
}

function addRoutesOf(kind: Kind, app: App, { manager: { manifests } }: RouteDeps): void {
  const path = `/manifests/${pluralOf(kind)}`;
  // What a proplet is decides what runs where, for everyone.
  const { config }: { config: { scope: Scope } } = kind === "Proplet" ? administering : deploying;
  const body: TSchema = kindSchemas[kind];

  app.get(
    path,
    { ...reading, schema: { querystring: PageQuery, response: { 200: ResourcePage } } },
    async ({ query }) => {
      const page = pageOf(query);
      const { total, items } = await manifests.list(kind, page);
      return { ...page, total, items };
    },
  );

  app.get(
    `${path}/:namespace/:name`,
    { ...reading, schema: { params: ManifestParams, response: { 200: WireResource } } },
    async ({ params }) => manifests.get({ kind, ...params }),
  );

  app.put(
    `${path}/:namespace/:name`,
    {
      config,
      bodyLimit: MODULE_BODY_BYTES,
      // The schema documents; what doesn't fit is told whole by checkManifest, not one field at a time.
      attachValidation: true,
      schema: {
        params: ManifestParams,
        querystring: DryRunQuery,
        body,
        response: { 200: WireApplied, 201: WireApplied },
      },
    },
    async ({ params, query, body }, reply) => {
      const manifest = manifestOf(body, { kind, ...params });
      const dryRun = query.dryRun === true;
      const applied = await manifests.apply(manifest, { dryRun });
      if (applied.outcome === "created" && !dryRun) reply.code(201);
      return applied;
    },
  );

  app.delete(
    `${path}/:namespace/:name`,
    { config, schema: { params: ManifestParams, querystring: DryRunQuery } },
    async ({ params, query }, reply) => {
      await manifests.delete({ kind, ...params }, { dryRun: query.dryRun === true });
      return reply.code(204).send();
    },
  );
}

/** @throws PropError `MANIFEST_INVALID`: every problem on a line of its own */
function manifestOf(body: unknown, path: { kind: Kind; namespace: string; name: string }): Manifest {
  const checked = checkManifest(body);
  if (!checked.ok) throw invalid(checked.problems.map(problemText).join("\n"));
  const { kind, metadata } = checked.manifest;
  const { name, namespace = DEFAULT_NAMESPACE } = metadata;
  if (kind === path.kind && name === path.name && namespace === path.namespace) return checked.manifest;
  throw invalid(
    `the path names ${path.kind} ${path.namespace}/${path.name}, the manifest ${kind} ${namespace}/${name}`,
  );
}

function problemText({ path, what, mistyped }: Problem): string {
  const field = pathText(path);
  const said = mistyped?.otherwise === undefined ? what : `${what}. ${mistyped.otherwise}`;
  return field === "" ? said : `${field} ${said}`;
}

function invalid(message: string): PropError {
  return new PropError({ code: "MANIFEST_INVALID", message });
}

/** Manifests: what the user wants, compared with what is there, and made so. */
import { isDeepStrictEqual } from "node:util";
import { messageOf, PropError } from "../../errors.ts";
import { type FieldChange, fieldChanges } from "../../model/manifest/field-changes.ts";
import type { Manifest } from "../../model/manifest/kinds.ts";
import { keyText, type ManifestKey, type ManifestRecord } from "../../model/manifest/record.ts";
import { DEFAULT_NAMESPACE, type Resource, resourceOf } from "../../model/manifest/resource.ts";
import type { Store } from "../../store/store.ts";
import type { Log } from "../log.ts";
import type { Applied, Functions, Jobs, Manifests, Proplets, Tasks, Workflows } from "../manager.ts";
import type { Dispatcher } from "../placement/dispatcher.ts";
import type { State } from "../state/state.ts";
import { createTurns } from "../turns.ts";
import { makeFunction } from "./make-function.ts";
import { makeGroup } from "./make-group.ts";
import { makeProplet } from "./make-proplet.ts";
import { makeTask } from "./make-task.ts";
import type { Maker } from "./maker.ts";
import { fileReader, type InlineModules, takeModules } from "./modules.ts";
import { createRemove, removeIfThere } from "./remove.ts";
import { createViews } from "./views.ts";

export interface ManifestsDependencies {
  state: State;
  store: Store;
  dispatcher: Pick<Dispatcher, "waitsFor">;
  tasks: Tasks;
  proplets: Proplets;
  functions: Functions;
  jobs: Jobs;
  workflows: Workflows;
  /** Base topic of the channel that this manager is on. */
  channel: string;
  log: Log;
  now: () => Date;
}

export function createManifests(
  dependencies: ManifestsDependencies,
): Manifests & { resume(): Promise<void> } {
  const { store, dispatcher, jobs, workflows, log, now } = dependencies;
  const inTurn = createTurns();
  const remove = createRemove(dependencies);
  const views = createViews({ ...dependencies, waitsFor: dispatcher.waitsFor });

  function makerOf(manifest: Manifest, inline: InlineModules): Maker {
    const read = fileReader(store, inline);
    switch (manifest.kind) {
      case "Task":
        return makeTask(manifest, { ...dependencies, read });
      case "Job":
      case "Workflow":
        return makeGroup(manifest, { ...dependencies, read });
      case "Function":
        return makeFunction(manifest, { ...dependencies, read });
      case "Proplet":
        return makeProplet(manifest, dependencies);
    }
  }

  /** Starts what was made, and takes away what it replaced: each step may come twice. */
  async function finish(record: ManifestRecord): Promise<void> {
    const { starting, retiring, ...done } = record;
    if (starting === undefined && retiring === undefined) return;
    if (starting) await started(record);
    if (retiring !== undefined) await removeIfThere(remove, record.kind, retiring);
    await store.commit([{ kind: "manifest", manifest: done }]);
  }

  async function started({ kind, object_id: id }: ManifestRecord): Promise<void> {
    try {
      if (kind === "Job") await jobs.start(id);
      if (kind === "Workflow") await workflows.start(id);
    } catch (error) {
      if (!(error instanceof PropError) || !error.code.endsWith("_ACTIVE")) throw error;
    }
  }

  async function applyNow(given: Manifest, key: ManifestKey, dryRun: boolean): Promise<Applied> {
    const { manifest, inline } = takeModules(given);
    const maker = makerOf(manifest, inline);
    const before = await store.manifest(key);
    // An earlier change that was cut off, or refused: what it replaced would be forgotten.
    if (!dryRun && before?.retiring !== undefined) await removeIfThere(remove, key.kind, before.retiring);
    const at = now().toISOString();
    const record: ManifestRecord = {
      ...key,
      object_id: "",
      ...saidBy(manifest),
      created_at: at,
      updated_at: at,
    };
    const kept =
      before !== undefined && (await maker.isCurrent(before)) && isDeepStrictEqual(before.spec, record.spec);
    const changes = before === undefined ? [] : changesOf(before, record);
    const outcome = outcomeOf(before, kept, changes);
    if (dryRun) {
      if (!kept) await maker.check();
      return { outcome, changes, warnings: maker.warnings, ...objectIdOf(before) };
    }
    let after = before;
    if (!kept || before === undefined) {
      after = await maker.make({ ...record, created_at: before?.created_at ?? at }, before);
    } else if (changes.length > 0) {
      after = { ...before, ...saidBy(manifest), updated_at: at };
      await store.commit([{ kind: "manifest", manifest: after }]);
    }
    if (after !== undefined) await finish(after);
    return { outcome, changes, warnings: maker.warnings, ...objectIdOf(after) };
  }

  async function get(key: ManifestKey): Promise<Resource> {
    const record = await store.manifest(key);
    if (record === undefined && key.namespace !== DEFAULT_NAMESPACE) throw notFound(key);
    return resourceOf(key.kind, await views.get(key.kind, record?.object_id ?? key.name), record);
  }

  return {
    apply: (manifest, { dryRun = false } = {}) => {
      const namespace = manifest.metadata.namespace ?? DEFAULT_NAMESPACE;
      const key: ManifestKey = { kind: manifest.kind, namespace, name: manifest.metadata.name };
      return inTurn(keyText(key), () => applyNow(manifest, key, dryRun));
    },
    get,
    async list(kind, page) {
      const { total, items } = await views.list(kind, page);
      const ids = items.map(({ id }) => id);
      const records = new Map(
        (await store.manifestsOf(kind, ids)).map((record) => [record.object_id, record]),
      );
      const resources = items.map((item) => resourceOf(kind, item, records.get(item.id)));
      return { total, items: await Promise.all(resources) };
    },
    delete: (key, { dryRun = false } = {}) =>
      inTurn(keyText(key), async () => {
        const { metadata } = await get(key);
        if (dryRun) return;
        const record = await store.manifest(key);
        if (record?.retiring !== undefined) await removeIfThere(remove, key.kind, record.retiring);
        await remove(key.kind, metadata.uid);
        if (record !== undefined) await store.commit([{ kind: "manifestDeleted", key }]);
      }),
    async resume() {
      for (const record of await store.unfinishedManifests()) {
        await inTurn(keyText(record), async () => {
          const current = await store.manifest(record);
          if (current !== undefined) await finish(current);
        }).catch((error: unknown) => log.warn(`${keyText(record)}: ${messageOf(error)}`));
      }
    },
  };
}

type Said = Pick<ManifestRecord, "spec" | "labels" | "annotations">;

function saidBy({ metadata: { labels, annotations }, spec }: Manifest): Said {
  return {
    spec,
    ...(labels === undefined ? {} : { labels }),
    ...(annotations === undefined ? {} : { annotations }),
  };
}

function changesOf(before: Said, after: Said): FieldChange[] {
  const of = ({ spec, labels, annotations }: Said) => ({ metadata: { labels, annotations }, spec });
  return fieldChanges(of(before), of(after));
}

function outcomeOf(
  before: ManifestRecord | undefined,
  kept: boolean,
  changes: FieldChange[],
): Applied["outcome"] {
  if (before === undefined) return "created";
  return kept && changes.length === 0 ? "unchanged" : "configured";
}

function objectIdOf(record: ManifestRecord | undefined): { object_id?: string } {
  return record === undefined ? {} : { object_id: record.object_id };
}

function notFound({ kind, namespace, name }: ManifestKey): PropError {
  return new PropError({
    code: `${kind.toUpperCase()}_NOT_FOUND`,
    message: `there is no ${kind.toLowerCase()} ${name} in namespace ${namespace}`,
  });
}

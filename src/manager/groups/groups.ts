/** Jobs and workflows of which something has not ended: in memory, who waits for whom, and what follows an end. */
import { type RunIf, runsAfter } from "../../model/dag.ts";
import type { JobRecord } from "../../model/job.ts";
import type { Task } from "../../model/task.ts";
import { isEnded, TaskState } from "../../model/task-state.ts";
import type { GroupRef, Store } from "../../store/store.ts";
import type { State } from "../state/state.ts";

/** A task in its group. What it depends on has to end as `runIf` says; what it comes after has only to end. */
export interface GroupNode {
  readonly id: string;
  readonly group: Group;
  readonly runIf: RunIf | undefined;
  readonly parents: readonly string[];
  readonly children: { node: GroupNode; isAfter: boolean }[];
  /** Something comes before it: it starts by itself. */
  follows: boolean;
  state: TaskState;
  /** How many of those before it have not ended. */
  waits: number;
  completed: number;
  failed: number;
}

export interface Group {
  readonly key: string;
  readonly ref: GroupRef;
  readonly nodes: Map<string, GroupNode>;
  /** Of a job: it was started as one. */
  readonly runsAsJob: boolean;
  /** How many tasks have not ended. */
  open: number;
  /** A task of the job failed in this run: the rest was stopped. */
  hasFailed: boolean;
}

export interface Groups {
  nodeOf(taskId: string): GroupNode | undefined;
  /** The group, from memory or from the store. */
  ensure(ref: GroupRef): Promise<Group>;
  /** Takes up a group as its tasks and its job stand now, in the place of what was known of it. */
  put(ref: GroupRef, tasks: readonly Task[], job?: JobRecord): Group;
  /** Reads a group anew: its tasks have changed. Undefined where it has none left. */
  reload(ref: GroupRef): Promise<Group | undefined>;
  /** Takes up all groups with tasks that have not ended, and makes up for what a cut-off manager left undone. */
  restore(): Promise<void>;
  /** Called for a task that failed in a started job, before what depends on it is looked at. */
  onFailure(listener: (failed: GroupNode) => void): void;
  close(): void;
}

export function createGroups({ state, store }: { state: State; store: Store }): Groups {
  const groups = new Map<string, Group>();
  const nodes = new Map<string, GroupNode>();
  let failureListener: (failed: GroupNode) => void = () => {};
  let endedNow: GroupNode[] = [];

  const stopListening = state.onTask((task) => {
    const node = nodes.get(task.id);
    if (node === undefined || node.state === task.state) return;
    const before = node.state;
    node.state = task.state;
    for (const child of node.children) {
      count(child, before, -1);
      count(child, task.state, 1);
    }
    node.group.open += Number(isEnded(before)) - Number(isEnded(task.state));
    if (!isEnded(task.state) || isEnded(before)) return;
    // After the change at hand is with the store, and still in the same write.
    if (endedNow.length === 0) queueMicrotask(followEnds);
    endedNow.push(node);
  });

  function followEnds(): void {
    const touched = new Set<Group>();
    for (let node = endedNow[0], index = 0; node !== undefined; node = endedNow[++index]) {
      touched.add(node.group);
      if (node.group.runsAsJob && !node.group.hasFailed && node.state === TaskState.Failed) {
        node.group.hasFailed = true;
        failureListener(node);
      }
      for (const { node: child } of node.children) settle(child);
    }
    endedNow = [];
    for (const group of touched) if (group.open === 0) forget(group);
  }

  /** Queues or skips a task once all it waits for has ended. */
  function settle({ id, waits, parents, completed, failed, runIf }: GroupNode): void {
    const task = state.tasks.get(id);
    if (task?.state !== TaskState.Pending || task.queued_at || waits > 0) return;
    if (!runsAfter({ parents: parents.length, completed, failed }, runIf))
      state.apply(task, { type: "skip" });
    else if (!hasModule(task)) state.apply(task, { type: "refuse", error: noModule(task) });
    else state.apply(task, { type: "queue" });
  }

  function forget(group: Group): void {
    if (groups.get(group.key) !== group) return;
    groups.delete(group.key);
    for (const id of group.nodes.keys()) nodes.delete(id);
  }

  function put(ref: GroupRef, tasks: readonly Task[], job?: JobRecord): Group {
    const old = groups.get(keyOf(ref));
    const group = groupOf(ref, tasks, job);
    if (old !== undefined) forget(old);
    groups.set(group.key, group);
    for (const [id, node] of group.nodes) nodes.set(id, node);
    return group;
  }

  async function read(ref: GroupRef): Promise<{ tasks: Task[]; job?: JobRecord }> {
    const job = "job_id" in ref ? await store.job(ref.job_id) : undefined;
    const rows = await store.tasksOf(ref);
    const tasks = rows.map((row) => state.tasks.get(row.id) ?? row);
    return job === undefined ? { tasks } : { tasks: inOrder(tasks, job.task_ids), job };
  }

  async function reload(ref: GroupRef): Promise<Group | undefined> {
    const { tasks, job } = await read(ref);
    if (tasks.length > 0) {
      const group = put(ref, tasks, job);
      for (const node of group.nodes.values()) if (node.follows) settle(node);
      return group;
    }
    const old = groups.get(keyOf(ref));
    if (old !== undefined) forget(old);
    return undefined;
  }

  /** A failure that was written just before the manager's end, without what follows from it. */
  function stopLate(group: Group): void {
    const failed = [...group.nodes.values()].find(({ state }) => state === TaskState.Failed);
    if (group.runsAsJob && failed !== undefined) failureListener(failed);
  }

  return {
    nodeOf: (taskId) => nodes.get(taskId),
    put,
    reload,
    async ensure(ref) {
      const known = groups.get(keyOf(ref));
      if (known !== undefined) return known;
      const { tasks, job } = await read(ref);
      return groups.get(keyOf(ref)) ?? put(ref, tasks, job);
    },
    async restore() {
      const refs = new Map<string, GroupRef>();
      for (const { job_id, workflow_id } of state.tasks.values()) {
        const ref = refOf({ job_id, workflow_id });
        if (ref !== undefined) refs.set(keyOf(ref), ref);
      }
      for (const ref of refs.values()) {
        const { tasks, job } = await read(ref);
        stopLate(put(ref, tasks, job));
        await reload(ref);
      }
    },
    onFailure(listener) {
      failureListener = listener;
    },
    close: stopListening,
  };
}

/** The group of a task; undefined where it stands alone. */
export function refOf({
  job_id,
  workflow_id,
}: {
  job_id?: string | undefined;
  workflow_id?: string | undefined;
}): GroupRef | undefined {
  if (workflow_id) return { workflow_id };
  return job_id ? { job_id } : undefined;
}

export function hasModule(task: Task): boolean {
  return task.module !== undefined || task.image_url !== undefined;
}

export function noModule({ id }: Task): string {
  return `task ${id} has no module: neither file nor image_url`;
}

/** `tasks` as `ids` has them; those it doesn't name last. */
export function inOrder(tasks: readonly Task[], ids: readonly string[]): Task[] {
  const place = new Map(ids.map((id, index) => [id, index]));
  const of = ({ id }: Task) => place.get(id) ?? ids.length;
  return tasks.toSorted((a, b) => of(a) - of(b));
}

function groupOf(ref: GroupRef, tasks: readonly Task[], job: JobRecord | undefined): Group {
  const runsAsJob = job?.started_at !== undefined;
  const hasFailed = runsAsJob && tasks.some(({ state }) => state === TaskState.Failed);
  const group: Group = { key: keyOf(ref), ref, nodes: new Map(), runsAsJob, open: 0, hasFailed };
  const known = new Set(tasks.map(({ id }) => id));
  for (const task of tasks) group.nodes.set(task.id, nodeOf(task, group, known));
  let previous: GroupNode | undefined;
  for (const node of group.nodes.values()) {
    if (!isEnded(node.state)) group.open += 1;
    for (const id of node.parents) link(group.nodes.get(id), node, false);
    if (runsAsJob && job?.execution_mode === "sequential") link(previous, node, true);
    previous = node;
  }
  return group;
}

function nodeOf({ id, state, run_if, depends_on = [] }: Task, group: Group, known: Set<string>): GroupNode {
  // One that was deleted since has ended, and there is nothing to say of how.
  const parents = depends_on.filter((parent) => known.has(parent));
  const counts = { waits: 0, completed: 0, failed: 0 };
  return { id, group, runIf: run_if, parents, children: [], follows: false, state, ...counts };
}

function link(parent: GroupNode | undefined, child: GroupNode, isAfter: boolean): void {
  if (parent === undefined) return;
  child.waits += 1;
  child.follows = true;
  const edge = { node: child, isAfter };
  parent.children.push(edge);
  count(edge, parent.state, 1);
}

function count({ node, isAfter }: GroupNode["children"][number], state: TaskState, by: 1 | -1): void {
  if (!isEnded(state)) return;
  node.waits -= by;
  if (isAfter) return;
  if (state === TaskState.Completed) node.completed += by;
  if (state === TaskState.Failed) node.failed += by;
}

function keyOf(ref: GroupRef): string {
  return "job_id" in ref ? `job ${ref.job_id}` : `workflow ${ref.workflow_id}`;
}

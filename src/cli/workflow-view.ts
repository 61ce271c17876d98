/** A workflow for people: its graph, and what its tasks failed of. */
import type { WireWorkflow } from "../api/client.ts";
import { stateName } from "../model/task-state.ts";
import { type DagOptions, drawDag } from "./dag.ts";
import { renderFields } from "./fields.ts";
import { stateWord } from "./job-view.ts";

/** Its fields, the graph with the state of each task, and the errors. */
export function renderWorkflow(workflow: WireWorkflow, options: DagOptions): string {
  const { workflow_id: id, name, tasks } = workflow;
  const fields = renderFields({ id, name, state: stateWord(workflow.state) });
  const graph = tasks.map((task) => ({ ...task, state: stateName(task.state) }));
  const errors = tasks.flatMap((task) => (task.error ? [`${task.name}: ${task.error}`] : []));
  return [fields, "", drawDag(graph, options), ...(errors.length === 0 ? [] : ["", ...errors])].join("\n");
}

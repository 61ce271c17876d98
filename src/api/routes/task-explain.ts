/** `GET /tasks/{id}/explain`: what placement says of each proplet, and what a task waits for. [E] */
import type { Explanation } from "../../manager/manager.ts";
import type { App, RouteDeps } from "../app.ts";
import { reading } from "../auth.ts";
import { TaskParams } from "../params.ts";
import { presentWaiting } from "../present-task.ts";
import { WireExplanation } from "../wire.ts";

export function addTaskExplainRoute(app: App, { manager: { tasks } }: RouteDeps): void {
  app.get(
    "/tasks/:id/explain",
    { ...reading, schema: { params: TaskParams, response: { 200: WireExplanation } } },
    async ({ params }) => present(await tasks.explain(params.id)),
  );
}

function present({ task, ...explanation }: Explanation): WireExplanation {
  return { task: presentWaiting(task, explanation.waits), ...explanation };
}

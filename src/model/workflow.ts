/** A workflow: tasks that start when those they depend on have ended. */
export interface WorkflowRecord {
  id: string;
  name?: string;
  task_ids: string[];
  /** RFC 3339. */
  created_at: string;
}

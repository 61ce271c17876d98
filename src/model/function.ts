/** A function: a name under which the latest deployed latent task is invoked. */

export interface FunctionRecord {
  name: string;
  /** Counted from 1; each deployment is one more. */
  revision: number;
  /** The latent task that answers invocations now. */
  task_id: string;
  /** RFC 3339. */
  created_at: string;
  updated_at: string;
}

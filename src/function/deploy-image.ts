/** What is handed to a manager when a function is deployed from an image: its reference, which the manager makes a digest. */
import { existsSync } from "node:fs";
import type { TaskInput } from "../model/task.ts";
import type { DeployChoices } from "./deploy.ts";
import { checkFunctionName, suggestFunctionName } from "./function-name.ts";

/** Whether what somebody wants deployed is an image: it has a tag or a digest, and no file is called so. */
export function isImageReference(source: string): boolean {
  return /[^/\\.]:[\w.-]+$|@sha(256|512):/.test(source) && !existsSync(source);
}

/**
 * The deployment of an image; its manager needs a way to the registry.
 * @param reference in full; what its repository is called last is the function's name, where none is chosen
 * @throws PropError `FUNCTION_NAME_INVALID`
 */
export function deploymentOfImage(
  reference: string,
  repository: string,
  { name, invoke, env = {} }: DeployChoices,
): { name: string; input: TaskInput } {
  const last = repository.slice(repository.lastIndexOf("/") + 1);
  const checked = checkFunctionName(name ?? suggestFunctionName(last) ?? last);
  const input = {
    name: checked,
    image_url: reference,
    ...(invoke === undefined ? {} : { cli_args: ["--invoke", invoke] }),
    env,
    latent: true,
  };
  return { name: checked, input };
}

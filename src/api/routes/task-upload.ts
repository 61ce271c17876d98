/** `PUT /tasks/{id}/upload`: the module as multipart form data, field `file`. */
import multipart from "@fastify/multipart";
import { messageOf } from "../../errors.ts";
import type { App, RouteDeps } from "../app.ts";
import { deploying } from "../auth.ts";
import { badRequest, moduleTooLarge } from "../errors.ts";
import { MODULE_BODY_BYTES } from "../limits.ts";
import { TaskParams } from "../params.ts";
import { presentTask } from "../present-task.ts";
import { WireTask } from "../wire.ts";

const LARGEST_MODULE_BYTES = 100 * 1024 * 1024;

/** Fields beside the file are kept in memory until it comes: some clients send one or two, nobody reads them. */
const LIMITS = { fileSize: LARGEST_MODULE_BYTES, files: 1, fields: 20, fieldSize: 65_536, parts: 21 };

/** Multipart is understood here and nowhere else. */
export async function addTaskUploadRoute(app: App, { manager: { tasks } }: RouteDeps): Promise<void> {
  await app.register(async (scope: App) => {
    await scope.register(multipart, { limits: LIMITS });
    scope.put(
      "/tasks/:id/upload",
      {
        ...deploying,
        bodyLimit: MODULE_BODY_BYTES,
        schema: { params: TaskParams, consumes: ["multipart/form-data"], response: { 200: WireTask } },
      },
      async (request) => {
        if (!request.isMultipart()) throw badRequest("the request is not multipart/form-data");
        const upload = await request.file().catch(refuseBroken);
        if (upload?.fieldname !== "file") {
          upload?.file.resume();
          throw badRequest('the upload has no file in a field named "file"');
        }
        if (!upload.filename.endsWith(".wasm")) {
          upload.file.resume();
          throw badRequest("invalid file extension");
        }
        const module = await upload.toBuffer().catch(refuseBroken);
        // The plugin throws by itself only where a chunk straddles the limit.
        if (upload.file.truncated) throw moduleTooLarge();
        return presentTask(await tasks.upload(request.params.id, module));
      },
    );
  });
}

/** The parser has no code for a body that is cut off, or has no boundary: it is the client's all the same. */
function refuseBroken(error: unknown): never {
  if (error instanceof Error && "statusCode" in error) throw error;
  throw badRequest(`the upload can't be read: ${messageOf(error)}`);
}

/** `PUT /tasks/{id}/upload`: the module as multipart form data, field `file`. */
import multipart from "@fastify/multipart";
import type { App, RouteDeps } from "../app.ts";
import { badRequest, moduleTooLarge } from "../errors.ts";
import { TaskParams } from "../params.ts";
import { presentTask } from "../present-task.ts";
import { WireTask } from "../wire.ts";

const LARGEST_MODULE_BYTES = 100 * 1024 * 1024;

/** Multipart is understood here and nowhere else. */
export async function addTaskUploadRoute(app: App, { manager: { tasks } }: RouteDeps): Promise<void> {
  await app.register(async (scope: App) => {
    await scope.register(multipart, { limits: { fileSize: LARGEST_MODULE_BYTES, files: 1 } });
    scope.put(
      "/tasks/:id/upload",
      { schema: { params: TaskParams, consumes: ["multipart/form-data"], response: { 200: WireTask } } },
      async (request) => {
        if (!request.isMultipart()) throw badRequest("the request is not multipart/form-data");
        const upload = await request.file();
        if (upload?.fieldname !== "file") {
          upload?.file.resume();
          throw badRequest('the upload has no file in a field named "file"');
        }
        if (!upload.filename.endsWith(".wasm")) {
          upload.file.resume();
          throw badRequest("invalid file extension");
        }
        const module = await upload.toBuffer();
        // The plugin throws by itself only where a chunk straddles the limit.
        if (upload.file.truncated) throw moduleTooLarge();
        return presentTask(await tasks.upload(request.params.id, module));
      },
    );
  });
}

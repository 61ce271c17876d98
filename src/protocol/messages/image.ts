/** A proplet asks for an image, and gets it in chunks. */
import Type, { type Static } from "typebox";
import { message } from "../message.ts";
import { Digest, PropletId } from "./fields.ts";

/** A name of 255 characters, a tag of 128 and a digest of 135, with what stands between them (distribution spec). */
const ImageName = Type.String({ minLength: 1, maxLength: 600 });

export const ImageRequest = message({
  /** The OCI reference as given in `image_url`; our proplets put the digest here where there is none. */
  app_name: ImageName,
  digest: Type.Optional(Digest),
  /** Indexes that already arrived and needn't come again. [E] */
  have_chunks: Type.Optional(Type.Array(Type.Integer({ minimum: 0 }))),
  /** Who asks: the chunks then come on its direct topic. [E] */
  proplet_id: Type.Optional(PropletId),
});
export type ImageRequest = Static<typeof ImageRequest>;

export const Chunk = message({
  app_name: ImageName,
  /** From 0; chunks come in any order, and again. */
  chunk_idx: Type.Integer({ minimum: 0 }),
  total_chunks: Type.Integer({ minimum: 1, maximum: 1_000_000 }),
  /** In standard base64. */
  data: Type.String(),
  digest: Type.Optional(Digest),
});
export type Chunk = Static<typeof Chunk>;

/** What an image is called: `host:port/repository:tag@digest`, with the defaults that every client of registries has. */
import { PropError } from "../errors.ts";

export interface Reference {
  /** Host, and port where one is given: `docker.io`, `localhost:5000`, `[::1]:5000`. */
  registry: string;
  repository: string;
  /** `latest` where neither tag nor digest is given; absent where only a digest is. */
  tag?: string;
  /** Goes before the tag. */
  digest?: string;
}

const DEFAULT_REGISTRY = "docker.io";
const NAME_LENGTH = 255;
/** More than a name, a tag and a digest can have together. */
const TEXT_LENGTH = 600;

const host =
  /^(?:\[[0-9a-fA-F:.]+\]|(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])(?:\.(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]))*)(?::(\d{1,5}))?$/;
const component = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const tagPattern = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;
const digestPattern = /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/;

/**
 * Reads a reference as Docker's grammar and the distribution spec have it: `hello` is
 * `docker.io/library/hello:latest`. Digests are SHA-256 or SHA-512.
 * @throws PropError `REFERENCE_INVALID` that names the part
 */
export function parseReference(text: string): Reference {
  if (text.length > TEXT_LENGTH) throw invalid(text, `it is longer than ${TEXT_LENGTH} characters`);
  const [beforeDigest = "", ...digests] = text.split("@");
  const digest = digests.join("@");
  if (digests.length > 0 && !digestPattern.test(digest)) {
    throw invalid(text, `its digest ${JSON.stringify(digest)} is not sha256: and 64 hexadecimal digits`);
  }
  const { name, tag } = cutTag(beforeDigest);
  if (tag !== undefined && !tagPattern.test(tag)) {
    throw invalid(text, `its tag ${JSON.stringify(tag)} is not up to 128 letters, digits and _ . -`);
  }
  const { registry, repository } = cutRegistry(name);
  checkRegistry(text, registry);
  checkRepository(text, registry, repository);
  if (digests.length > 0) return { registry, repository, digest, ...(tag === undefined ? {} : { tag }) };
  return { registry, repository, tag: tag ?? "latest" };
}

/**
 * The registry that somebody names alone: a host, or the address of one.
 * @throws PropError `REFERENCE_INVALID`
 */
export function registryOf(text: string): string {
  const registry = text.replace(/^https?:\/\//, "").replace(/\/(v[12]\/?)?$/, "");
  checkRegistry(text, registry);
  return registry === `index.${DEFAULT_REGISTRY}` ? DEFAULT_REGISTRY : registry;
}

/** A reference in full, which `parseReference` reads back as it was. */
export function formatReference({ registry, repository, tag, digest }: Reference): string {
  const tagged = tag === undefined ? "" : `:${tag}`;
  return `${registry}/${repository}${tagged}${digest === undefined ? "" : `@${digest}`}`;
}

/** A colon after the last slash is a tag's; one before it is a port's. */
function cutTag(text: string): { name: string; tag?: string } {
  const colon = text.indexOf(":", text.lastIndexOf("/") + 1);
  return colon === -1 ? { name: text } : { name: text.slice(0, colon), tag: text.slice(colon + 1) };
}

/** What stands before the first slash is a registry only where it looks like a host. */
function cutRegistry(name: string): { registry: string; repository: string } {
  const slash = name.indexOf("/");
  const first = name.slice(0, Math.max(0, slash));
  const isHost = /[.:]/.test(first) || first === "localhost" || first !== first.toLowerCase();
  const registry = isHost ? first : DEFAULT_REGISTRY;
  const repository = isHost ? name.slice(slash + 1) : name;
  if (registry !== DEFAULT_REGISTRY && registry !== `index.${DEFAULT_REGISTRY}`)
    return { registry, repository };
  const isOfficial = repository !== "" && !repository.includes("/");
  return { registry: DEFAULT_REGISTRY, repository: isOfficial ? `library/${repository}` : repository };
}

function checkRegistry(text: string, registry: string): void {
  const match = host.exec(registry);
  if (match === null || Number(match[1] ?? 0) > 65_535) {
    throw invalid(text, `${JSON.stringify(registry)} is no host of a registry`);
  }
}

function checkRepository(text: string, registry: string, repository: string): void {
  if (repository === "") throw invalid(text, "it names no repository");
  const wrong = repository.split("/").find((part) => !component.test(part));
  if (wrong !== undefined) {
    throw invalid(
      text,
      `${JSON.stringify(wrong)} in its repository is not lowercase letters and digits, with single . _ or - between them`,
    );
  }
  if (registry.length + 1 + repository.length > NAME_LENGTH) {
    throw invalid(text, `its name is longer than ${NAME_LENGTH} characters`);
  }
}

function invalid(text: string, reason: string): PropError {
  return new PropError({
    code: "REFERENCE_INVALID",
    message: `image reference ${JSON.stringify(text.slice(0, 300))}: ${reason}`,
    hint: "Write it like registry.example.com/team/app:1.0",
    exitCode: 2,
  });
}

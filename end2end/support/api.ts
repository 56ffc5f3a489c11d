// reflect's JSON API, as a script with a token uses it.
import type { ImageFile } from "./images.ts";

export type Links = Record<
  "url" | "page" | "html" | "html_thumbnail" | "markdown" | "markdown_thumbnail" | "bbcode" | "bbcode_thumbnail" | "thumbnail",
  string
>;
export type ApiImage = {
  id: string;
  slug: string;
  filename: string;
  alt: string;
  media_type: string;
  width: number;
  height: number;
  byte_size: number;
  links: Links;
};
export type ImageDetails = ApiImage & {
  title: string | null;
  description: string | null;
  alt_text: string | null;
  favourite: boolean;
  visibility: "unlisted" | "private";
  expires_at: string | null;
  max_views: number | null;
  views: number;
  tags: string[];
  guest_link?: string;
  colors: string[];
};
export type Report = { images: ApiImage[]; errors: { filename: string; code: string }[] };
type Me = { name: string; usage: { used: number; quota: number; images: number } };

export class Api {
  constructor(
    private readonly origin: string,
    private readonly token: string,
  ) {}

  private ask(path: string, init: RequestInit = {}): Promise<Response> {
    return fetch(this.origin + path, { ...init, headers: { ...init.headers, authorization: `Bearer ${this.token}` } });
  }

  private async get<T>(path: string): Promise<T> {
    const answer = await this.ask(path);
    if (!answer.ok) throw new Error(`${path} answers ${answer.status}: ${await answer.text()}`);
    return (await answer.json()) as T;
  }

  /** Sends files in one request and answers what the server does, whatever it is. */
  send(files: ImageFile[]): Promise<Response> {
    const body = new FormData();
    for (const { name, mimeType, buffer } of files) {
      body.append("file", new File([new Uint8Array(buffer)], name, { type: mimeType }));
    }
    return this.ask("/api/v1/images", { method: "POST", body });
  }

  /** Stores files one after the other, the first one first, so that the last is the newest. */
  async upload(...files: ImageFile[]): Promise<ApiImage[]> {
    const images: ApiImage[] = [];
    for (const file of files) {
      const answer = await this.send([file]);
      if (answer.status !== 201) throw new Error(`${file.name}: ${answer.status} ${await answer.text()}`);
      images.push(...((await answer.json()) as Report).images);
    }
    return images;
  }

  private async tell<T>(method: string, path: string, body: object): Promise<T> {
    const headers = { "content-type": "application/json" };
    const answer = await this.ask(path, { method, headers, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${JSON.stringify(body)} answers ${answer.status}: ${await answer.text()}`);
    return (await answer.json()) as T;
  }

  /** Changes what is said of an image; what there is to say of it then. */
  change(image: ApiImage, change: object): Promise<ImageDetails> {
    return this.tell("PATCH", `/api/v1/images/${image.id}`, change);
  }

  /** Makes an album with these images in it; its key. */
  async makeAlbum(name: string, images: ApiImage[]): Promise<string> {
    const { id } = await this.tell<{ id: string }>("POST", "/api/v1/albums", { name });
    await this.tell("POST", "/api/v1/images/bulk", { ids: images.map((image) => image.id), action: { album: id } });
    return id;
  }

  /** The albums, in their order. */
  async albums(): Promise<{ id: string; name: string }[]> {
    return (await this.get<{ albums: { id: string; name: string }[] }>("/api/v1/albums")).albums;
  }

  /** The first images of an album, in its order. */
  async inAlbum(album: string): Promise<ApiImage[]> {
    return (await this.get<{ images: ApiImage[] }>(`/api/v1/albums/${album}/images`)).images;
  }

  /** Gives images tags. */
  tag(images: ApiImage[], ...add: string[]): Promise<unknown> {
    return this.tell("POST", "/api/v1/images/bulk", { ids: images.map((image) => image.id), action: { tags: { add } } });
  }

  /** How often others have seen an image, as far as that is written down. */
  async views(image: ApiImage): Promise<number> {
    return (await this.get<{ views: number }>(`/api/v1/images/${image.id}/statistics`)).views;
  }

  /** An image with what only its owner sees. */
  details(image: ApiImage): Promise<ImageDetails> {
    return this.get(`/api/v1/images/${image.id}`);
  }

  /** Moves an image to the bin. */
  async remove(image: ApiImage): Promise<void> {
    const answer = await this.ask(`/api/v1/images/${image.id}`, { method: "DELETE" });
    if (!answer.ok) throw new Error(`deleting ${image.filename} answers ${answer.status}: ${await answer.text()}`);
  }

  /** Every image, newest first, or as many as are wanted. */
  async list(most = Infinity): Promise<ApiImage[]> {
    const all: ApiImage[] = [];
    const limit = Math.min(most, 200);
    for (let cursor: string | null = ""; cursor !== null && all.length < most; ) {
      const from: string = cursor ? `&cursor=${encodeURIComponent(cursor)}` : "";
      const page: { images: ApiImage[]; next_cursor: string | null } = await this.get(`/api/v1/images?limit=${limit}${from}`);
      all.push(...page.images);
      cursor = page.next_cursor;
    }
    return all;
  }

  /** The first image that there was. */
  async oldest(): Promise<ApiImage> {
    const { months } = await this.get<{ months: { month: string }[] }>("/api/v1/images/timeline");
    let at = `&at=${months.at(-1)?.month}`;
    for (;;) {
      const page: { images: ApiImage[]; next_cursor: string | null } = await this.get(`/api/v1/images?limit=200${at}`);
      if (page.next_cursor === null) return page.images.at(-1)!;
      at = `&cursor=${encodeURIComponent(page.next_cursor)}`;
    }
  }

  me(): Promise<Me> {
    return this.get("/api/v1/me");
  }
}

/** The bytes that an address answers with status 200. */
export async function bytesOf(url: string): Promise<Buffer> {
  const answer = await fetch(url);
  if (answer.status !== 200) throw new Error(`${url} answers ${answer.status}`);
  return Buffer.from(await answer.arrayBuffer());
}

import { screen, within } from "@testing-library/react";
import { useState } from "react";
import { expect, it, vi } from "vitest";
import type { MintedToken } from "../../../api/contract";
import { serve, show } from "../../../testing/render";
import { key } from "../../../testing/tokens";
import { SecretReveal } from "./secret-reveal";

const SECRET = "glk_1FvP0aXk27Qm9Zc4TheSecretPartOfAKeyThatNobodyEverUses123";

/** The page above: whoever lets go of the key lets it be forgotten. */
function Above({ done }: { done: () => void }) {
  const [minted, setMinted] = useState<MintedToken | null>({ ...key(), token: SECRET });
  if (!minted) return <p>gone</p>;
  const leave = () => {
    setMinted(null);
    done();
  };
  return <SecretReveal minted={minted} done={leave} />;
}

async function shown() {
  serve({ [`GET /api/me/tokens/${key().id}`]: key() });
  const done = vi.fn();
  return { ...(await show(<Above done={done} />)), done };
}

it("is masked until somebody wants to see it", async () => {
  const { user, container } = await shown();
  const place = await screen.findByTestId("secret");
  expect(container.innerHTML).not.toContain(SECRET);
  expect(place.textContent).toBe(`glk_${"•".repeat(SECRET.length - 4)}`);
  await user.click(screen.getByRole("button", { name: "Show" }));
  expect(place.textContent).toBe(SECRET);
  await user.click(screen.getByRole("button", { name: "Hide" }));
  expect(container.innerHTML).not.toContain(SECRET);
});

it("is copied without being shown, and that is said aloud", async () => {
  const { user, container } = await shown();
  await user.click(await screen.findByRole("button", { name: "Copy the key" }));
  expect(await navigator.clipboard.readText()).toBe(SECRET);
  const news = await screen.findByText("The key is on the clipboard.");
  expect(news.closest("[aria-live=polite]")).not.toBeNull();
  expect(container.innerHTML).not.toContain(SECRET);
});

it("is pasted in as many shapes as there are, each masked alike", async () => {
  const { user, container } = await shown();
  for (const name of ["curl", ".env", "Kubernetes Secret", "OpenAI client"]) {
    await user.click(await screen.findByRole("tab", { name }));
    const panel = screen.getByRole("tabpanel");
    expect(panel.textContent).toContain("glk_•");
    await user.click(within(panel).getByRole("button", { name: `Copy: ${name}` }));
    expect(await navigator.clipboard.readText()).toContain(SECRET);
  }
  expect(container.innerHTML).not.toContain(SECRET);
});

it("closes only when it was saved, and is nowhere afterwards", async () => {
  const { user, queries, done } = await shown();
  const close = await screen.findByRole("button", { name: "Done" });
  expect(close).toHaveProperty("disabled", true);
  await user.click(screen.getByRole("button", { name: "Show" }));
  await user.click(screen.getByLabelText("I have saved it"));
  await user.click(close);
  expect(done).toHaveBeenCalledOnce();
  await screen.findByText("gone");
  expect(document.documentElement.outerHTML).not.toContain(SECRET);
  const kept = queries
    .getQueryCache()
    .getAll()
    .map(({ state }) => state.data);
  expect(JSON.stringify(kept)).not.toContain(SECRET);
  expect(JSON.stringify({ ...localStorage, ...sessionStorage })).not.toContain(SECRET);
});

it("turns green when the key first passes", async () => {
  await shown();
  await screen.findByText("Waiting for its first use…");
  const used = key({ last_used_at: "2026-11-24T12:00:00Z" });
  serve({ [`GET /api/me/tokens/${key().id}`]: used });
  const line = await screen.findByText(
    "It works: the key passed the gate.",
    {},
    { timeout: 10_000 },
  );
  expect(line.closest("[role=status]")?.getAttribute("data-used")).toBe("true");
}, 15_000);

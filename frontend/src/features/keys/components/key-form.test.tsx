import { screen, waitFor } from "@testing-library/react";
import { expect, it, vi } from "vitest";
import type { Gate, Limits } from "../../../api/contract";
import { serve, show } from "../../../testing/render";
import { key } from "../../../testing/tokens";
import { startForm } from "../draft";
import { KeyForm } from "./key-form";

const LIMITS: Limits = {
  expiry_preset_days: [1, 7, 30, 90],
  expiry_default_days: null,
  expiry_max_days: 60,
  per_owner_max: 50,
};
const GATE: Gate = {
  name: "models",
  credentials: ["api_key"],
  rules: [
    {
      allow: "authenticated",
      scopes: ["models:read"],
      any_scopes: [],
      groups: [],
      any_groups: [],
      hosts: [],
      paths: [],
      methods: [],
      networks: [],
      credentials: ["api_key"],
    },
  ],
};
const SCOPES = [
  { name: "models:read", description: "Ask the models", grantable: true },
  { name: "models:train", description: "Train models", grantable: false },
];
const ASKED = { "GET /api/scopes": SCOPES, "GET /api/gates": [GATE] };

async function form(answers: Record<string, unknown> = {}) {
  const asked = serve({ ...ASKED, ...answers });
  const minted = vi.fn();
  const others = [key({ name: "old", scopes: ["models:read"], networks: ["10.0.0.0/8"] })];
  const shown = await show(
    <KeyForm
      limits={LIMITS}
      start={startForm(LIMITS, {}, null)}
      groups={[]}
      others={others}
      minted={minted}
    />,
  );
  const sent = () => {
    const posts = asked.mock.calls.filter(([, init]) => init?.method === "POST");
    return posts.map(([, init]) => ({
      body: JSON.parse(String(init?.body)) as unknown,
      name: new Headers(init?.headers).get("idempotency-key"),
    }));
  };
  return { ...shown, minted, sent };
}

it("begins with the name, and offers no life that the maximum forbids", async () => {
  await form();
  expect(document.activeElement).toBe(await screen.findByLabelText(/^Name/));
  const lives = screen.getAllByRole("radio").map((radio) => radio.getAttribute("value"));
  expect(lives).toEqual(["7", "30", "date"]);
  expect(screen.getByText(/^It works until .*\.$/)).toBeTruthy();
});

it("offers the scopes that one may hand on, and says what is missing for a gate", async () => {
  const { user } = await form();
  expect(await screen.findByLabelText(/models:read/)).toBeTruthy();
  expect(screen.queryByLabelText(/models:train/)).toBeNull();
  await screen.findByText("asks for models:read");
  await user.click(screen.getByRole("button", { name: "Add models:read" }));
  await screen.findByText("opens");
  expect(screen.getByLabelText(/models:read/)).toHaveProperty("checked", true);
});

it("takes over the rights of another key, and mints what the preview says", async () => {
  const made = { ...key({ name: "new" }), token: "glk_secret" };
  const { user, minted, sent } = await form({ "POST /api/me/tokens": made });
  await user.type(await screen.findByLabelText(/^Name/), "new");
  const others = screen.getByLabelText("With the rights of an existing key");
  await user.selectOptions(others, key().id);
  const wanted = {
    name: "new",
    expires_in_days: 30,
    scopes: ["models:read"],
    networks: ["10.0.0.0/8"],
  };
  const preview = document.querySelector("details pre")?.textContent ?? "";
  expect(JSON.parse(preview.slice(preview.indexOf("{"), preview.lastIndexOf("}") + 1))).toEqual(
    wanted,
  );
  await user.click(screen.getByRole("button", { name: "Create the key" }));
  await waitFor(() => expect(minted).toHaveBeenCalledWith(made));
  expect(sent().map(({ body }) => body)).toEqual([wanted]);
});

it("says beside a field what the service does not take, and tries again under one name", async () => {
  const refused = Response.json(
    {
      type: "urn:gatelodge:problem:invalid-field",
      title: "A field has a value that cannot be accepted",
      detail: "must be a network such as 10.0.0.0/8",
      field: "networks[0]",
    },
    { status: 400 },
  );
  const { user, sent } = await form({ "POST /api/me/tokens": refused });
  await user.type(await screen.findByLabelText(/^Name/), "new");
  await user.type(screen.getByRole("combobox", { name: "Networks" }), "nowhere,");
  const create = screen.getByRole("button", { name: "Create the key" });
  await user.click(create);
  await screen.findByText("must be a network such as 10.0.0.0/8");
  expect(screen.getByRole("combobox", { name: "Networks" }).getAttribute("aria-invalid")).toBe(
    "true",
  );
  await user.click(create);
  await waitFor(() => expect(sent()).toHaveLength(2));
  const [one, other] = sent();
  expect(one?.name).toBe(other?.name);
});

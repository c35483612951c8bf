// Mantine's looks on the router's links.

import { Anchor, Button, type ButtonProps, NavLink } from "@mantine/core";
import { createLink } from "@tanstack/react-router";
import type { ComponentProps } from "react";

function AnchorButton(props: ButtonProps & Omit<ComponentProps<"a">, keyof ButtonProps>) {
  return <Button component="a" {...props} />;
}

export const LinkButton = createLink(AnchorButton);
export const TextLink = createLink(Anchor<"a">);
export const NavigationLink = createLink(NavLink<"a">);

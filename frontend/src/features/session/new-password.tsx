import { useLingui } from "@lingui/react/macro";
import { PasswordInput } from "@mantine/core";
import { isProblem } from "../../lib/problem";

interface Props {
  value: string;
  change: (password: string) => void;
  error: unknown;
}

/** Whether the service found fault with the new password itself. */
export function isAboutPassword(error: unknown): boolean {
  return isProblem(error) && (error.field === "new_password" || error.field === "password");
}

export function NewPassword({ value, change, error }: Props) {
  const { t } = useLingui();
  return (
    <PasswordInput
      label={t`New password`}
      description={t`Long beats complicated: a few words that belong to nobody else.`}
      value={value}
      onChange={(event) => change(event.currentTarget.value)}
      error={isAboutPassword(error) && isProblem(error) ? error.detail : null}
      autoComplete="new-password"
      visibilityToggleButtonProps={{ "aria-label": t`Show the password` }}
      required
    />
  );
}

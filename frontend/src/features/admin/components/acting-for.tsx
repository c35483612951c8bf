import { Trans, useLingui } from "@lingui/react/macro";
import { Alert } from "@mantine/core";
import { Icon } from "../../../components/icons";
import { TextLink } from "../../../components/links";

/** Says for whom one acts, so that nobody takes another's keys for their own. */
export function ActingFor({ owner }: { owner: string }) {
  const { t } = useLingui();
  return (
    <Alert color="yellow" icon={<Icon name="user" />} title={t`You act for ${owner}`}>
      <Trans>
        The key is{" "}
        <TextLink to="/admin/users/$owner" params={{ owner }} underline="always">
          theirs
        </TextLink>
        , with their rights. The audit log says that it was you.
      </Trans>
    </Alert>
  );
}

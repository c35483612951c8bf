import { Trans, useLingui } from "@lingui/react/macro";
import { Alert } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Icon } from "../../../components/icons";
import { TextLink } from "../../../components/links";
import { sessionQuery } from "../../session/api";

/** Says for whom one acts, so that nobody takes another's keys for their own. */
export function ActingFor({ owner }: { owner: string }) {
  const { t } = useLingui();
  const { data } = useQuery(sessionQuery);
  if (data?.me?.owner === owner) return null;
  return (
    <Alert color="yellow" icon={<Icon name="user" />} title={t`You act for ${owner}`}>
      <Trans>
        The key is{" "}
        <TextLink
          to="/admin/users/$owner"
          params={{ owner }}
          underline="always"
          c="inherit"
          inherit
        >
          theirs
        </TextLink>
        , with their rights. The audit log says that it was you.
      </Trans>
    </Alert>
  );
}

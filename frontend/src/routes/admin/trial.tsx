import { Trans, useLingui } from "@lingui/react/macro";
import { Paper, Text } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import type { Gate } from "../../api/contract";
import { Page } from "../../components/page";
import { ProblemAlert } from "../../components/problem-alert";
import { Slow } from "../../components/slow";
import { explain } from "../../features/admin/api";
import { TrialAnswer } from "../../features/admin/components/trial-answer";
import { TrialForm } from "../../features/admin/components/trial-form";
import {
  type TrialForm as Form,
  questionOf,
  startTrial,
  trialSearch,
} from "../../features/admin/trial";
import { gatesQuery } from "../../features/keys/api";

export function TrialPage() {
  const { t } = useLingui();
  const gates = useQuery(gatesQuery);
  return (
    <Page
      title={t`Would this pass?`}
      lead={t`Try a request that nobody sends: nothing is counted, and nobody passes.`}
    >
      {gates.isPending && <Slow />}
      {gates.error && <ProblemAlert error={gates.error} retry={() => void gates.refetch()} />}
      {gates.data?.length === 0 && (
        <Text c="dimmed">
          <Trans>There is no gate. Settings of the service make them.</Trans>
        </Text>
      )}
      {gates.data && gates.data.length > 0 && <Trial gates={gates.data} />}
    </Page>
  );
}

function Trial({ gates }: { gates: Gate[] }) {
  const search = useSearch({ from: "/signed-in/admin/explain" });
  const navigate = useNavigate({ from: "/admin/explain" });
  const trial = useMutation({
    mutationFn: async (form: Form) => ({
      answer: await explain(form.gate, questionOf(form)),
      gate: gates.find(({ name }) => name === form.gate),
    }),
  });
  const ask = (form: Form) => {
    void navigate({ search: trialSearch(form), replace: true });
    trial.mutate(form);
  };
  const names = gates.map(({ name }) => name);
  return (
    <>
      <Paper withBorder p="lg">
        <TrialForm
          start={startTrial(search, names)}
          gates={names}
          busy={trial.isPending}
          error={trial.error}
          ask={ask}
        />
      </Paper>
      {trial.data && <TrialAnswer gate={trial.data.gate} answer={trial.data.answer} />}
    </>
  );
}

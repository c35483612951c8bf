import { Trans, useLingui } from "@lingui/react/macro";
import { Group, NativeSelect, Table, Text } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback } from "react";
import type { Person } from "../../api/contract";
import { TextLink } from "../../components/links";
import { Page } from "../../components/page";
import { RelativeTime } from "../../components/time";
import { loaded, peopleQuery } from "../../features/admin/api";
import { List } from "../../features/admin/components/list";
import { PersonMarks } from "../../features/admin/components/person-marks";
import { SearchField } from "../../features/admin/components/search-field";
import type { PeopleSearch, PeopleShown } from "../../features/admin/search";

export function UsersPage() {
  const { t } = useLingui();
  const search = useSearch({ from: "/signed-in/admin/users" });
  const navigate = useNavigate({ from: "/admin/users" });
  const look = useCallback(
    (part: PeopleSearch) =>
      void navigate({ search: (before) => ({ ...before, ...part }), replace: true }),
    [navigate],
  );
  const find = useCallback((text: string | undefined) => look({ search: text }), [look]);
  const list = useInfiniteQuery(peopleQuery(search));
  const people = loaded(list.data?.pages, ({ owner }) => owner);
  return (
    <Page title={t`Users`} lead={t`Everybody who has keys or was seen here.`}>
      <Group align="flex-end" className="gl-filters">
        <SearchField
          isMain
          label={t`Search`}
          placeholder={t`Owner, name or mail`}
          value={search.search ?? ""}
          change={find}
        />
        <NativeSelect
          label={t`Which users`}
          value={search.show ?? ""}
          onChange={(event) =>
            look({ show: (event.currentTarget.value || undefined) as PeopleShown | undefined })
          }
          data={[
            { value: "", label: t`All` },
            { value: "disabled", label: t`Kept out` },
            { value: "administrators", label: t`Administrators` },
          ]}
        />
      </Group>
      <List list={list} count={people.length} empty={<Trans>Nobody matches.</Trans>}>
        <PeopleTable people={people} />
      </List>
    </Page>
  );
}

function PeopleTable({ people }: { people: Person[] }) {
  const { t } = useLingui();
  return (
    <Table className="gl-table" verticalSpacing="sm" aria-label={t`Users`}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>
            <Trans>Owner</Trans>
          </Table.Th>
          <Table.Th>
            <Trans>Name</Trans>
          </Table.Th>
          <Table.Th>
            <Trans>Groups</Trans>
          </Table.Th>
          <Table.Th>
            <Trans>Status</Trans>
          </Table.Th>
          <Table.Th>
            <Trans>Keys</Trans>
          </Table.Th>
          <Table.Th>
            <Trans>Last seen</Trans>
          </Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {people.map((person) => (
          <Table.Tr key={person.owner}>
            <Table.Td data-label={t`Owner`}>
              <TextLink to="/admin/users/$owner" params={{ owner: person.owner }} fw={600}>
                {person.owner}
              </TextLink>
            </Table.Td>
            <Table.Td data-label={t`Name`}>
              {(person.name || person.email) && (
                <div>
                  {person.name}
                  {person.email && (
                    <Text size="xs" c="dimmed">
                      {person.email}
                    </Text>
                  )}
                </div>
              )}
            </Table.Td>
            <Table.Td data-label={t`Groups`}>{person.groups.join(", ")}</Table.Td>
            <Table.Td data-label={t`Status`}>
              <PersonMarks person={person} />
            </Table.Td>
            <Table.Td data-label={t`Keys`}>{person.keys}</Table.Td>
            <Table.Td data-label={t`Last seen`}>
              {person.seen_at ? <RelativeTime at={person.seen_at} /> : <Trans>never</Trans>}
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

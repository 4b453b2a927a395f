import { tagsType } from '../types.bicep'

@description('Makes names unique.')
param token string

@description('Region.')
param location string

@description('Tags.')
param tags tagsType

@description('Workspace that is queried.')
param workspaceId string

@description('Address that alerts are mailed to; nobody when empty.')
param email string

// What each means and what to do about it: docs/operations.md. Each window is longer than the time between two looks: rows come in late.
var alerts = [
  { name: 'server-errors', severity: 1, window: 'PT10M', description: 'More than 5 % of requests fail.', query: loadTextContent('../queries/server-errors.kql') }
  { name: 'provider-failures', severity: 2, window: 'PT15M', description: 'A provider gives no tokens.', query: loadTextContent('../queries/provider-failures.kql') }
  { name: 'redemption-failures', severity: 2, window: 'PT10M', description: 'Many access codes are refused: somebody may be guessing.', query: loadTextContent('../queries/redemption-failures.kql') }
  { name: 'sweeper-silent', severity: 2, window: 'PT10M', description: 'Expired sessions have not been swept for ten minutes.', query: loadTextContent('../queries/sweeper-silent.kql') }
  { name: 'access-denied', severity: 1, window: 'PT10M', description: 'Storage or vault refuses access.', query: loadTextContent('../queries/access-denied.kql') }
]

resource group 'Microsoft.Insights/actionGroups@2023-01-01' = if (!empty(email)) {
  name: 'ag-${token}'
  location: 'global'
  tags: tags
  properties: {
    enabled: true
    groupShortName: 'tokenbroker'
    emailReceivers: [{ name: 'operators', emailAddress: email, useCommonAlertSchema: true }]
  }
}

resource rule 'Microsoft.Insights/scheduledQueryRules@2026-03-01' = [for alert in alerts: {
  name: 'alert-${alert.name}-${token}'
  location: location
  tags: tags
  kind: 'LogAlert'
  properties: {
    displayName: 'TokenBroker: ${alert.name}'
    description: alert.description
    enabled: true
    severity: alert.severity
    scopes: [workspaceId]
    evaluationFrequency: 'PT5M'
    windowSize: alert.window
    // A new workspace has no table until its first row.
    skipQueryValidation: true
    criteria: {
      allOf: [
        {
          query: alert.query
          timeAggregation: 'Count'
          operator: 'GreaterThan'
          threshold: 0
          failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
        }
      ]
    }
    autoMitigate: true
    actions: { actionGroups: empty(email) ? [] : [group.id] }
  }
}]

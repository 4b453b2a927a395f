namespace Azure.Data.Tables;

/// <summary>A transaction was refused as a whole; nothing of it happened.</summary>
public class TableTransactionFailedException : RequestFailedException
{
    internal TableTransactionFailedException(RequestFailedException cause, int? failedAction)
        : base(cause.Status, cause.Message, cause.ErrorCode, cause.InnerException) => FailedTransactionActionIndex = failedAction;

    /// <summary>Which action was refused, counted from 0; null when the service did not say.</summary>
    public int? FailedTransactionActionIndex { get; }
}

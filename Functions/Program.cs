using Microsoft.Azure.Functions.Worker.Builder;
using TokenBroker;

try
{
    var builder = FunctionsApplication.CreateBuilder(args);
    builder.ConfigureFunctionsWebApplication();
    builder.UseMiddleware<RunEndpoint>();
    builder.AddTokenBroker();
    builder.Build().Run();
    return 0;
}
catch (ConfigurationException exception)
{
    foreach (var problem in exception.Problems)
        Console.Error.WriteLine($"TokenBroker cannot start: {problem}");
    return 1;
}

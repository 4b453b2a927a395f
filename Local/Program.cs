using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.Hosting;
using TokenBroker;
using TokenBroker.Local;

try
{
    TokenBrokerRegistration.ReadAhead();
    var builder = FunctionsApplication.CreateBuilder(args);
    await using var setup = await LocalSetup.FillInAsync(builder);
    builder.ConfigureFunctionsWebApplication();
    builder.AddTokenBroker();
    using var app = builder.Build();
    await app.StartAsync();
    setup.Describe(app.Services, Console.Out);
    await app.WaitForShutdownAsync();
    return 0;
}
catch (ConfigurationException exception)
{
    Console.Error.WriteLine($"TokenBroker cannot start: {exception.Message}");
    return 1;
}
catch (Exception exception) when (exception is IOException or InvalidOperationException or FormatException)
{
    // Kestrel: the address is in use or malformed, or there is no development certificate.
    Console.Error.WriteLine($"TokenBroker cannot start: {exception.Message.Split('\n')[0].Trim()} Choose another address with --urls.");
    return 1;
}

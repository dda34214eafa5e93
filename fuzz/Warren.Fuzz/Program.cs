using Warren.Fuzz;
using Warren.Fuzz.Targets;

Func<FuzzTarget>[] targets =
[
    () => new FrameTarget(),
    () => new MethodTarget(),
    () => new FieldTableTarget(),
    () => new ContentHeaderTarget(),
    () => new SaslTarget(),
    () => new LogTarget(),
    () => new MqttPacketTarget(),
    () => new MqttPropertiesTarget(),
    () => new MqttTopicTarget(),
];

if (!FuzzOptions.TryParse(args, out FuzzOptions? options))
{
    Console.Error.WriteLine("Warren.Fuzz TARGET|all [--inputs N] [--seconds S] [--seed X]");
    Console.Error.WriteLine("targets: " + string.Join(' ', targets.Select(t => t().Name)));
    return 2;
}

FuzzTarget[] chosen = [.. targets.Select(t => t()).Where(t => options.Chooses(t.Name))];
if (chosen.Length == 0)
{
    Console.Error.WriteLine($"no target '{options.Target}'");
    return 2;
}

bool clean = true;
foreach (FuzzTarget target in chosen)
{
    clean &= new FuzzRun(target, options.ShareAmong(chosen.Length)).Execute();
}

return clean ? 0 : 1;

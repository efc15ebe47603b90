/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* A driver that lets processes use the first channel of a DMA engine (docs/dma-engine.md) with
 * their own pointers. Each engine is a character device with the name of its node. Who opens it is
 * bound to a PASID until the file is closed. Lists of descriptors are run one at a time. */
#include "dma_sva.h"

#include <linux/completion.h>
#include <linux/dma-mapping.h>
#include <linux/fs.h>
#include <linux/interrupt.h>
#include <linux/io-64-nonatomic-lo-hi.h>
#include <linux/iommu.h>
#include <linux/iopoll.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/platform_device.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#define CTRL       0x08
#define STATUS     0x0c
#define DESC       0x10
#define FAULT_ADDR 0x20
#define BYTES      0x28
#define ERROR_CODE 0x30
#define SSID       0x34

#define CTRL_START  1U
#define CTRL_STOP   2U
#define CTRL_IRQ_EN 4U

#define STATUS_BUSY  1U
#define STATUS_ENDED 6U /* DONE, ERROR */

#define SSID_VALID 0x80000000U

struct engine {
    void __iomem *registers;
    struct device *dev;
    struct miscdevice misc;
    int irq;
    struct mutex in_use; /* who has it has the channel */
    struct completion ended;
};

/* An open file. */
struct user {
    struct engine *engine;
    struct iommu_sva *bond;
    struct mm_struct *mm; /* only compared */
};

static irqreturn_t channel_interrupt(int irq, void *data)
{
    struct engine *engine = data;
    const u32 ended = readl(engine->registers + STATUS) & STATUS_ENDED;

    if (!ended)
        return IRQ_NONE;
    writel(ended, engine->registers + STATUS);
    complete(&engine->ended);
    return IRQ_HANDLED;
}

/* Nothing of the channel is under way afterwards. A burst that stalls ends once its fault is
 * answered, so this may wait for the pages of a process that is about to go. */
static void stop(struct engine *engine)
{
    u32 status;

    writel(CTRL_STOP, engine->registers + CTRL);
    read_poll_timeout(readl, status, !(status & STATUS_BUSY), 10, 0, false,
                      engine->registers + STATUS);
    synchronize_irq(engine->irq);
    writel(STATUS_ENDED, engine->registers + STATUS);
}

/* Runs a list to its end, or until the process is killed. */
static int run_list(struct user *user, struct dma_sva_run *run)
{
    struct engine *engine = user->engine;
    int error;

    run->pasid = iommu_sva_get_pasid(user->bond);
    reinit_completion(&engine->ended);
    writel(run->pasid | SSID_VALID, engine->registers + SSID);
    writeq(run->descriptors, engine->registers + DESC);
    writel(CTRL_START | CTRL_IRQ_EN, engine->registers + CTRL);
    error = wait_for_completion_killable(&engine->ended);
    if (error)
        stop(engine);
    run->bytes = readq(engine->registers + BYTES);
    run->fault_addr = readq(engine->registers + FAULT_ADDR);
    run->error = readl(engine->registers + ERROR_CODE);
    return error;
}

static long engine_ioctl(struct file *file, unsigned int command, unsigned long argument)
{
    struct user *user = file->private_data;
    struct dma_sva_run run;
    int error;

    if (command != DMA_SVA_RUN)
        return -ENOTTY;
    if (current->mm != user->mm) /* a child has the file, and memory of its own */
        return -EPERM;
    if (copy_from_user(&run, (void __user *)argument, sizeof run))
        return -EFAULT;
    error = mutex_lock_killable(&user->engine->in_use);
    if (error)
        return error;
    error = run_list(user, &run);
    mutex_unlock(&user->engine->in_use);
    if (error)
        return error;
    return copy_to_user((void __user *)argument, &run, sizeof run) ? -EFAULT : 0;
}

static int engine_open(struct inode *inode, struct file *file)
{
    struct engine *engine = container_of(file->private_data, struct engine, misc);
    struct user *user = kzalloc(sizeof *user, GFP_KERNEL);

    if (!user)
        return -ENOMEM;
    user->engine = engine;
    user->mm = current->mm;
    user->bond = iommu_sva_bind_device(engine->dev, current->mm);
    if (IS_ERR(user->bond)) {
        const int error = PTR_ERR(user->bond);

        kfree(user);
        return error;
    }
    file->private_data = user;
    return 0;
}

static int engine_release(struct inode *inode, struct file *file)
{
    struct user *user = file->private_data;

    iommu_sva_unbind_device(user->bond);
    kfree(user);
    return 0;
}

static const struct file_operations engine_operations = {
    .owner = THIS_MODULE,
    .open = engine_open,
    .release = engine_release,
    .unlocked_ioctl = engine_ioctl,
};

static int engine_probe(struct platform_device *device)
{
    struct engine *engine = devm_kzalloc(&device->dev, sizeof *engine, GFP_KERNEL);
    int error;

    if (!engine)
        return -ENOMEM;
    engine->dev = &device->dev;
    engine->registers = devm_platform_ioremap_resource(device, 0);
    if (IS_ERR(engine->registers))
        return PTR_ERR(engine->registers);
    error = dma_set_mask_and_coherent(&device->dev, DMA_BIT_MASK(64));
    if (error)
        return error;
    mutex_init(&engine->in_use);
    init_completion(&engine->ended);
    engine->irq = platform_get_irq(device, 0);
    if (engine->irq < 0)
        return engine->irq;
    error = devm_request_irq(&device->dev, engine->irq, channel_interrupt, 0,
                             dev_name(&device->dev), engine);
    if (error)
        return error;
    engine->misc = (struct miscdevice){
        .minor = MISC_DYNAMIC_MINOR,
        .name = dev_name(&device->dev),
        .fops = &engine_operations,
        .parent = &device->dev,
    };
    platform_set_drvdata(device, engine);
    return misc_register(&engine->misc);
}

static void engine_remove(struct platform_device *device)
{
    struct engine *engine = platform_get_drvdata(device);

    misc_deregister(&engine->misc);
}

static const struct of_device_id engine_nodes[] = {
    {.compatible = "vp,dma-engine"},
    {},
};
MODULE_DEVICE_TABLE(of, engine_nodes);

static struct platform_driver engine_driver = {
    .probe = engine_probe,
    .remove = engine_remove,
    .driver =
        {
            .name = "dma_sva",
            .of_match_table = engine_nodes,
            .suppress_bind_attrs = true, /* files may be open */
        },
};
module_platform_driver(engine_driver);

MODULE_DESCRIPTION("DMA engine of the virtual platform, for pointers of processes");
MODULE_LICENSE("GPL");
